// Module Resolving.
