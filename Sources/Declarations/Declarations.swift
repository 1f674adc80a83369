// Module Declarations.
