// Module Deploying.
