extension DiagnosticCode {
  /// The codes of expressions, and of what schemas say about them.
  static let expressions: [DiagnosticCode] = [
    invalidExpression, expressionExpected, unknownField, wrongOperand, wrongTargetType, missingTargetField,
    unknownTargetField, notInEnumeration, neverEqual, possibleNull, possiblyMissing, possibleMismatch, lossyNumber,
    outOfBounds, invalidSchema, unsupportedSchema, unknownKeyword, unchecked,
    invalidLiteral, unwritableNumber,
  ]

  /// An expression that cannot be read, or names what is not there.
  public static let invalidExpression = DiagnosticCode(
    "DH3001", title: "invalid expression",
    explanation: """
      What stands between `${` and `}` is an expression of the Common Expression Language. It can only use the variables and
      functions that are there at its place; the documentation of the field lists them.
      """)
  /// A text where one expression is wanted.
  public static let expressionExpected = DiagnosticCode(
    "DH3002", title: "expression expected",
    explanation: "The field takes exactly one expression: `${ ... }`, with nothing before or after it.")
  /// A field that the schema of what is read does not have.
  public static let unknownField = DiagnosticCode(
    "DH3003", title: "unknown field",
    explanation: """
      The schema says which fields there are, and this is none of them: reading it would fail, or always give nothing. Correct
      the name. A field that a customer has added is declared under `source.schema` of the hub, or in the standard API's
      `record.schema`; where anything may come, say `additionalProperties: true`.
      """)
  /// An operator or function that does not take values of these types.
  public static let wrongOperand = DiagnosticCode(
    "DH3004", title: "operation on the wrong type",
    explanation: """
      The operator or function does not take values of these types, so the expression would fail for every record. The types come
      from the schema, from what is written out, and from what functions give. Convert where that is meant: `string(x)`, `int(x)`,
      `decimal(x)`, `timestamp(x, pattern, zone)`.
      """)
  /// A value of another type than the target's field.
  public static let wrongTargetType = DiagnosticCode(
    "DH3005", title: "target field of another type",
    explanation: """
      The schema of the target's document says what the field takes, and the mapping gives something else: the platform would
      refuse the document, or keep what nobody meant. The second place is the line of the schema.
      """)
  /// A field the target needs that the mapping does not write.
  public static let missingTargetField = DiagnosticCode(
    "DH3006", title: "target field missing",
    explanation: """
      The schema of the target's document lists the field under `required`, and the mapping does not write it: every document
      would be refused. Write the field.
      """)
  /// A field of the mapping that the target does not have.
  public static let unknownTargetField = DiagnosticCode(
    "DH3007", title: "unknown target field",
    explanation: """
      The schema of the target's document has no such field: it would be refused, or silently ignored. Correct the name. A field
      that was added to the target is declared under `target.schema` of the hub, or in the standard API's `document.schema`.
      """)
  /// A value that is none of those an enumeration has.
  public static let notInEnumeration = DiagnosticCode(
    "DH3008", title: "value not in the enumeration",
    explanation: """
      The schema counts up the values there are, and this is none of them. A comparison with such a value is never true; a target
      refuses it. Where only some values of a source field are not among the target's it is a warning: translate them with a value
      mapping, or leave those records out with `select`.
      """)
  /// A comparison that is never true.
  public static let neverEqual = DiagnosticCode(
    "DH3009", title: "never equal",
    explanation: """
      Values of these types are never equal, so the condition is always false (with `!=`, always true). A number and a text that looks
      like it are two things: convert one of them.
      """)
  /// Null where it cannot be used.
  public static let possibleNull = DiagnosticCode(
    "DH3010", title: "may be null", severity: .warning,
    explanation: """
      The schema says that the value may be null, and null cannot be used here: records with null would fail. Say what then:
      `x == null ? "" : x`, or leave such records out with `select`, which the mapping knows of.
      """)
  /// A field that need not be there.
  public static let possiblyMissing = DiagnosticCode(
    "DH3011", title: "may be missing", severity: .warning,
    explanation: """
      The schema does not list the field under `required`, so a record may come without it and would fail. Ask `has(x.field)` first, write
      `x.?field.orValue("")`, or leave such records out with `select: ${ has(record.field) }`, which the mapping knows of. Where the field is
      always there, list it under `required`.
      """)
  /// A value of several types of which some do not fit.
  public static let possibleMismatch = DiagnosticCode(
    "DH3012", title: "may be of another type", severity: .warning,
    explanation: """
      The value may be of several types, and some of them cannot be used here. Ask for the type (`type(x) == int`), or convert: `string(x)`,
      `decimal(x)`.
      """)
  /// A number that may lose digits.
  public static let lossyNumber = DiagnosticCode(
    "DH3013", title: "number may lose digits", severity: .warning,
    explanation: """
      A number with a fraction goes where a whole number is expected, or a binary fraction where an exact decimal is. Say how it is rounded
      (`int(round(x, 0))`), or calculate with decimals (`decimal(x)`).
      """)
  /// A constant beyond the bounds of the schema.
  public static let outOfBounds = DiagnosticCode(
    "DH3014", title: "value out of bounds",
    explanation: """
      The value that is written out is longer, larger or otherwise formed than the schema of the target's field allows (`maxLength`,
      `pattern`, `minimum`, `maxItems`, ...).
      """)
  /// A schema that is none.
  public static let invalidSchema = DiagnosticCode(
    "DH3015", title: "invalid schema",
    explanation: """
      The schema is not one of JSON Schema 2020-12: a keyword has a value it cannot have, or a `$ref` leads to nothing. What cannot be
      read says nothing about records, so nothing would be checked with it.
      """)
  /// A keyword of JSON Schema that is not checked with.
  public static let unsupportedSchema = DiagnosticCode(
    "DH3016", title: "schema keyword is not checked with", severity: .warning,
    explanation: """
      JSON Schema has the keyword, this program does not check with it: `if`/`then`/`else`, `not`, `contains`, `dependentSchemas`,
      `dependentRequired`, `propertyNames`, `unevaluatedProperties`, `unevaluatedItems`, `$dynamicRef`, a nested `$id`, and a `$ref` to another
      file. All else of the schema still holds. Write it with what is checked, or remove it.
      """)
  /// A keyword nobody knows that looks like one.
  public static let unknownKeyword = DiagnosticCode(
    "DH3017", title: "unknown schema keyword", severity: .warning,
    explanation: """
      JSON Schema takes unknown keywords for annotations, so a misspelt one would silently check nothing. A word of your own begins with
      `x-`.
      """)
  /// A part of a hub that is not checked; only shown where it is asked for.
  public static let unchecked = DiagnosticCode(
    "DH3018", title: "not checked", severity: .note,
    explanation: """
      Nothing is known of the value before it is evaluated, so nothing that is done with it can be checked: there is no schema of the
      record or the document, or the schema leaves it open. `datahub validate --unchecked` shows these places, and
      `datahub infer` learns a schema from samples.
      """)
  /// A text written out that a function cannot take.
  public static let invalidLiteral = DiagnosticCode(
    "DH3019", title: "text that the function does not take",
    explanation: """
      The text that is written out is no date pattern, no time zone or no regular expression, so the call would fail for every record, or
      would read and write something nobody meant: in date patterns `MM` is the month and `mm` the minute, `dd` the day, `HH` the hour.
      """)
  /// A constant number that JSON does not have.
  public static let unwritableNumber = DiagnosticCode(
    "DH3020", title: "number that JSON does not have",
    explanation: """
      The value is infinite or not a number, whatever the record is: what divides by 0, or is beyond what a floating point number
      holds. JSON has no such number, so no document could be written. Correct the expression, or calculate with decimals
      (`decimal(x)`), which have no limit and refuse to be divided by 0.
      """)
}
