import Expressions
import Schemas
import Testing
import Values

@Suite("Values and types beside a schema")
struct ValidatingTests {
  private static let order = #"""
    {"type": "object", "required": ["code", "lines"], "properties": {
      "code": {"type": "string", "maxLength": 5, "pattern": "^[A-Z]", "description": "The number."},
      "status": {"enum": ["open", "closed"]},
      "qty": {"type": "integer", "minimum": 1, "exclusiveMaximum": 100},
      "amount": {"type": "number", "multipleOf": 0.01},
      "note": {"type": ["string", "null"]},
      "lines": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "object", "required": ["sku"], "properties": {"sku": {"type": "string"}}}}
    }}
    """#

  @Test(
    "a value that is not of the schema is told, with its path",
    arguments: [
      (#"{"code": "A1", "lines": [{"sku": "x"}], "note": null, "qty": 2.0, "amount": 1.25}"#, []),
      (#"{"lines": [{"sku": "x"}]}"#, ["'code' is missing"]),
      (#"{"code": "a1", "lines": [{"sku": "x"}]}"#, ["code: 'a1' does not match ^[A-Z]"]),
      (
        #"{"code": "A12345", "lines": [{}]}"#,
        ["code: at most 5 characters are taken, not 6", "lines[0]: 'sku' is missing"]
      ),
      (#"{"code": "A", "lines": []}"#, ["lines: at least 1 element is expected, not 0"]),
      (#"{"code": "A", "lines": [{"sku": 1}]}"#, ["lines[0].sku: a text is expected, not the number 1"]),
      (#"{"code": "A", "lines": [{"sku": "s"}], "status": "opne"}"#, ["status: 'opne' is not one of 'open', 'closed'"]),
      (#"{"code": "A", "lines": [{"sku": "s"}], "qty": 1.5}"#, ["qty: a whole number is expected, not the number 1.5"]),
      (#"{"code": "A", "lines": [{"sku": "s"}], "qty": 0}"#, ["qty: at least 1 is expected, not 0"]),
      (#"{"code": "A", "lines": [{"sku": "s"}], "qty": 100}"#, ["qty: less than 100 is expected, not 100"]),
      (
        #"{"code": "A", "lines": [{"sku": "s"}], "amount": 1.234}"#,
        ["amount: a multiple of 0.01 is expected, not 1.234"]
      ),
      (#"{"code": "A", "lines": [{"sku": "s"}], "note": 3}"#, ["note: a text or null is expected, not the number 3"]),
      (#"[1]"#, ["a map is expected, not a list"]),
    ])
  func values(_ json: String, _ expected: [String]) throws {
    #expect(try read(Self.order).problems(in: try Value(json: json)).map(\.text) == expected)
  }

  @Test("an undeclared field is one too many only where fields are closed, allOf taken as one")
  func closed() throws {
    let schema = try read(
      #"{"allOf": [{"properties": {"a": {"properties": {"x": {}}}}}, {"properties": {"b": {}, "a": {"properties": {"y": {}}}}}]}"#
    )
    let value = try Value(json: #"{"a": {"x": 1, "y": 2, "z": 3}, "b": 1, "c": 1}"#)
    #expect(schema.problems(in: value).isEmpty)
    #expect(
      schema.problems(in: value, isClosed: true).map(\.text)
        == ["a: there is no field 'z'", "there is no field 'c'"])
  }

  @Test("of several choices the nearest says what is wrong")
  func choices() throws {
    let schema = try read(
      #"{"oneOf": [{"required": ["kind", "a"], "properties": {"kind": {"const": "A"}, "a": {"type": "string"}}}, {"properties": {"kind": {"const": "B"}, "b": {"type": "integer"}}}]}"#
    )
    #expect(schema.problems(in: ["kind": "A", "a": 1]).map(\.text) == ["a: a text is expected, not the number 1"])
    #expect(schema.problems(in: ["kind": "B", "b": 1]).isEmpty)
    #expect(
      schema.problems(in: ["b": 1, "a": "x", "kind": "B"], isClosed: true).map(\.text) == ["there is no field 'a'"])
  }

  private func misfits(_ type: ExpressionType, _ json: String) throws -> [String] {
    try read(json).misfits(of: type).map { "\($0.kind)\($0.isPartial ? "?" : "") \($0.text)" }
  }

  @Test("a type that fits has no misfit")
  func fits() throws {
    let pairs: [(ExpressionType, String)] = [
      (.dyn, #"{"type": "string"}"#), (.string, #"{"type": ["string", "null"]}"#), (.int, #"{"type": "number"}"#),
      (.decimal, #"{"type": "number"}"#), (.timestamp, #"{"type": "string", "format": "date-time"}"#),
      (.list(.dyn), #"{"type": "array", "items": {"type": "string"}}"#), (.string.orNull, "{}"),
      (.enumeration(["a"]), #"{"enum": ["a", "b"]}"#), (.string, #"{"enum": ["a", "b"]}"#),
      (.optional(.string), #"{"type": ["string", "null"]}"#),
      (.union(of: [.string, .int]), #"{"anyOf": [{"type": "integer"}, {"type": "string"}]}"#),
    ]
    for (type, schema) in pairs { #expect(try misfits(type, schema) == [], "\(type) \(schema)") }
  }

  @Test("a type that does not fit is told, by its class")
  func doesNotFit() throws {
    #expect(try misfits(.int, #"{"type": "string"}"#) == ["wrongType a text is expected, not a whole number"])
    #expect(
      try misfits(.string.orNull, #"{"type": "string"}"#) == ["possibleNull it may be null, where a text is expected"])
    #expect(
      try misfits(.optional(.string), #"{"type": "string"}"#)
        == ["possibleNull it may be null, where a text is expected"])
    #expect(
      try misfits(.union(of: [.string, .int]), #"{"type": "string"}"#)
        == ["possibleMismatch it may be a whole number, where a text is expected"])
    #expect(
      try misfits(.decimal, #"{"type": "integer"}"#)
        == ["lossy a number that may have a fraction goes where a whole number is expected"])
    #expect(try misfits(.number, #"{"type": "integer"}"#).map { $0.prefix(6) } == ["lossy?"])
    #expect(try misfits(.double, #"{"type": "number"}"#).map { $0.prefix(5) } == ["lossy"])
    #expect(
      try misfits(.timestamp, #"{"type": "string", "format": "date"}"#).map { $0.prefix(16) } == ["possibleMismatch"])
    #expect(
      try misfits(.enumeration(["a", "x"]), #"{"enum": ["a", "b"]}"#)
        == ["notAllowed? it may be 'x', where one of 'a', 'b' is expected"])
    #expect(
      try misfits(.enumeration(["x", "y"]), #"{"enum": ["a", "b"]}"#)
        == ["notAllowed it is one of 'x', 'y', where one of 'a', 'b' is expected"])
    #expect(
      try misfits(.list(.int), #"{"type": "array", "items": {"type": "string"}}"#)
        == ["wrongType []: a text is expected, not a whole number"])
  }

  @Test("an element of a list may be what any of the elements with a place of their own may be")
  func prefixItems() throws {
    let pair = #"{"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}"#
    #expect(try misfits(.list(.union(of: [.string, .int])), pair) == [])
    #expect(try misfits(.list(.string), pair) == [])
    #expect(try misfits(.list(.bool), pair).count == 1)
    let headed = #"{"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}"#
    #expect(try misfits(.list(.union(of: [.string, .int])), headed) == [])
    #expect(try misfits(.list(.union(of: [.bool, .int])), headed).count == 1)
    let open = #"{"type": "array", "prefixItems": [{"type": "string"}]}"#
    #expect(try misfits(.list(.union(of: [.string, .int])), open) == [])
  }

  @Test("the fields of a record are compared with the properties")
  func records() throws {
    let schema =
      #"{"type": "object", "required": ["a", "b", "c"], "properties": {"a": {"type": "string"}, "b": {}, "c": {}}}"#
    let record = RecordType([.init("a", .int), .init("b", .string, isRequired: false), .init("d", .string)])
    #expect(
      try misfits(.record(record), schema) == [
        "wrongType a: a text is expected, not a whole number", "unknownField there is no field 'd'",
        "possiblyMissing 'b' may be missing", "missingField 'c' is missing",
      ])
  }
}
