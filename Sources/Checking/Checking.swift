// Module Checking.
