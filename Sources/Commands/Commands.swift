// Module Commands.
