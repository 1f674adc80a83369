// Module Keeping.
