// Module Expressions.
