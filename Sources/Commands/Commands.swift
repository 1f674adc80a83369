// Module Commands: the command line.
//
// A command is a type in `Catalogue`: a form (its name, options, arguments, examples), an initializer that reads its
// arguments, and `run`. `CommandNode.datahub` is the tree of all of them; help, the parser and the suggestions come from
// their forms alone. Commands write results to the output and everything else to the messages of a `Console`; what they
// throw becomes a message and an exit code in one place, `CommandFailure.explaining(_:)`.
//
//     let status = await runDatahub(["validate", "--format", "json"])
//
// Read `Command` and `ValidateCommand` next.
