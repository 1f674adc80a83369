// Module Running.
