// Expressions: the Common Expression Language (https://cel.dev), with exact decimals and what integrations need besides.
//
//   text -> Lexer -> Parser -> SyntaxTree -> Checker -> CheckedTree -> Lowering -> Program -> evaluate
//
// * Syntax/      tokens, the tree, macros. A node knows its place; its number is the key for what later phases find out.
// * Checking/    the environment (variables, functions), what names mean, what is known of every value and whether it fits.
// * Types/       what may be known of a value, what signatures say, how the two fit.
// * Evaluation/  the nodes that are evaluated, the operators, errors and limits.
// * Functions/   the registry of functions; `ExpressionEnvironment.functionDescriptions` is the documentation's source.
// * Patterns/    regular expressions in linear time.
//
// The module knows no clock, no environment, no network and no declarations: functions that need them are registered by
// the program around it. Everything that a text or a value can make it do is limited: length and depth of expressions by
// `Parser`, steps and sizes by `Activation`, patterns by `PatternParser` and `Pattern`.
//
// Where it goes beyond CEL: a floating point literal beside a decimal, or beside an int that comes from a variable, is the
// decimal it is written as, so that `record.price * 0.9` is exact whether the record says 12 or 12.5.
//
// Read `Expression` next, then `ExpressionText`.
