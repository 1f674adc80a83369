// Module ServiceRuntime.
