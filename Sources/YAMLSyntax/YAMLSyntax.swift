// Module YAMLSyntax.
