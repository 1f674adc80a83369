// JSON Schema (2020-12): what records and documents are like, and what follows from it.
//
//   SchemaTree -> SchemaReader -> Schema -> ExpressionType       what expressions are checked with
//                                        -> misfits(of:)         whether a type or a value is what the schema wants
//                                        -> problems(in:)        whether a record or a document is one
//   records    -> SchemaInference -> a schema as a value         what `datahub infer` learns
//
// A schema is read once and asked many times. Read from a file, every part knows its place. What this program does not
// understand of JSON Schema is an issue of the reading, never silently left out; the parts of a schema that are understood
// still hold. The room knows nothing of kinds, hubs and mappings.
//
//     let reading = Schema.read(SchemaTree(["type": "object", "properties": ["id": ["type": "string"]]]), name: "acme/list")
//     reading.schema.expressionType   // a record whose field `id` is a string
//
// Read `Schema` next, then `SchemaShape`.
