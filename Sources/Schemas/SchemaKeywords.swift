/// The keywords of JSON Schema 2020-12, by what this program makes of them.
enum SchemaKeywords {
  /// Those that are read and checked with.
  static let understood: Set<String> = [
    "$ref", "$defs", "definitions", "$anchor", "type", "enum", "const", "properties", "patternProperties",
    "additionalProperties", "required", "items", "prefixItems", "allOf", "anyOf", "oneOf", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "minItems", "maxItems",
    "uniqueItems", "minProperties", "maxProperties",
  ]

  /// Those that say something to people.
  static let annotations: Set<String> = [
    "$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly",
    "format", "contentEncoding", "contentMediaType", "contentSchema",
  ]

  /// Those that constrain and are not read, with what to do instead.
  static let unsupported: [String: String] = [
    "$dynamicRef": "refer to a part of this schema with '$ref'",
    "$dynamicAnchor": "refer to a part of this schema with '$ref'",
    "$vocabulary": "remove it: the keywords of JSON Schema 2020-12 are understood as they are",
    "if": "write the cases with 'oneOf' or 'anyOf'", "then": "write the cases with 'oneOf' or 'anyOf'",
    "else": "write the cases with 'oneOf' or 'anyOf'", "not": "write what is allowed instead",
    "dependentSchemas": "write the cases with 'oneOf' or 'anyOf'",
    "dependentRequired": "write the cases with 'oneOf' or 'anyOf'",
    "unevaluatedProperties": "write 'additionalProperties' beside the 'properties'",
    "unevaluatedItems": "write 'items' beside 'prefixItems'", "contains": "it is not checked; remove it to say so",
    "minContains": "it is not checked; remove it to say so", "maxContains": "it is not checked; remove it to say so",
    "propertyNames": "write 'patternProperties' with 'additionalProperties: false'",
  ]

  /// Those through which a map may have fields that are declared nowhere else.
  static let opening: Set<String> = ["$dynamicRef", "if", "then", "else", "dependentSchemas"]

  /// Keywords of other versions and dialects, with what 2020-12 has for them.
  static let foreign: [String: String] = [
    "nullable": "write type: [string, \"null\"]", "example": "write examples: [...]",
    "id": "write $id", "dependencies": "it is of an older version; write the cases with 'oneOf' or 'anyOf'",
    "additionalItems": "it is of an older version; write 'items' beside 'prefixItems'",
    "discriminator": "it is OpenAPI's; 'oneOf' with a 'const' in each case says the same",
  ]

  /// Every keyword there is, for "did you mean".
  static let all = (understood.union(annotations).union(unsupported.keys)).sorted()
}
