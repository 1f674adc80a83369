// Module Connecting.
