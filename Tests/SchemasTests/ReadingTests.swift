import Expressions
import Schemas
import Testing
import Values

/// The type expressions have of a schema given as JSON.
func type(_ json: String) throws -> ExpressionType { try read(json).expressionType }

func read(_ json: String) throws -> Schema {
  let (schema, issues) = Schema.read(SchemaTree(try Value(json: json)), name: "acme/list")
  try #require(issues.isEmpty, "\(issues)")
  return schema
}

@Suite("Reading schemas")
struct ReadingTests {
  @Test(
    "simple schemas have simple types",
    arguments: [
      (#"{"type": "string"}"#, ExpressionType.string), (#"{"type": "integer"}"#, .int),
      (#"{"type": "number"}"#, .number), (#"{"type": ["integer", "number"]}"#, .number),
      (#"{"type": "boolean"}"#, .bool), (#"{"type": "null"}"#, .null),
      (#"{"type": ["string", "null"]}"#, .union(of: [.string, .null])),
      (#"{"type": "string", "enum": ["a", "b"]}"#, .enumeration(["a", "b"])),
      (#"{"enum": ["a", 1]}"#, .union(of: [.int, .enumeration(["a"])])),
      (#"{"const": "x"}"#, .enumeration(["x"])), (#"{"const": 1.5}"#, .decimal),
      (#"{}"#, .dyn), (#"true"#, .dyn), (#"{"format": "date", "type": "string"}"#, .string),
      (#"{"type": "array", "items": {"type": "string"}}"#, .list(.string)),
      (#"{"type": "array"}"#, .list(.dyn)), (#"{"items": {"type": "integer"}}"#, .list(.int)),
      (#"{"type": "object"}"#, .map(.string, .dyn)),
      (#"{"type": "object", "additionalProperties": {"type": "integer"}}"#, .map(.string, .int)),
      (#"{"prefixItems": [{"type": "string"}], "items": {"type": "integer"}}"#, .list(.union(of: [.string, .int]))),
    ])
  func simple(_ json: String, _ expected: ExpressionType) throws { #expect(try type(json) == expected) }

  @Test("the properties are the fields there are, unless more are allowed")
  func records() throws {
    let closed = try type(#"{"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}, "b": {}}}"#)
    #expect(
      closed == .record(RecordType(name: "acme/list", [.init("a", .string), .init("b", .dyn, isRequired: false)])))
    let open = try type(#"{"properties": {"a": {"type": "string"}}, "additionalProperties": true}"#)
    #expect(
      open == .record(RecordType(name: "acme/list", [.init("a", .string, isRequired: false)], others: .dyn)))
    let typed = try type(
      #"{"properties": {"a": {"type": "string"}}, "patternProperties": {"^x": {"type": "integer"}}, "additionalProperties": false}"#
    )
    #expect(
      typed == .record(RecordType(name: "acme/list", [.init("a", .string, isRequired: false)], others: .int)))
  }

  @Test("references, allOf and choices are followed")
  func references() throws {
    let defs =
      ##""$defs": {"code": {"type": "string"}, "base": {"properties": {"id": {"$ref": "#/$defs/code"}}, "required": ["id"]}}"##
    #expect(try type(##"{"$ref": "#/$defs/code", \##(defs)}"##) == .string)
    #expect(try type(##"{"$ref": "#here", "$defs": {"a": {"$anchor": "here", "type": "integer"}}}"##) == .int)
    #expect(
      try type(##"{"allOf": [{"$ref": "#/$defs/base"}, {"properties": {"n": {"type": "integer"}}}], \##(defs)}"##)
        == .record(RecordType(name: "acme/list", [.init("id", .string), .init("n", .int, isRequired: false)])))
    #expect(try type(#"{"anyOf": [{"type": "string"}, {"type": "integer"}]}"#) == .union(of: [.string, .int]))
    #expect(try type(#"{"oneOf": [{"type": "string"}, {"type": "null"}]}"#) == .union(of: [.string, .null]))
    #expect(
      try type(#"{"type": ["string", "integer"], "allOf": [{"type": ["integer", "null"]}]}"#) == .int)
  }

  @Test(
    "schemas that lead to each other without end are refused at once, and hold no one up",
    arguments: ["allOf", "anyOf", "oneOf"], [1, 2])
  func endless(_ keyword: String, _ step: Int) throws {
    // Each leads to the next one twice, or every one to every other.
    let chain = (0..<60).map { place in
      let others =
        step == 1 ? "\(min(place + 1, 59)) \(min(place + 1, 59))" : (0..<60).map(String.init).joined(separator: " ")
      let references = others.split(separator: " ").map { ##"{"$ref": "#/$defs/a\##($0)"}"## }
      return place == 59
        ? ##""a59": {"type": "string"}"##
        : ##""a\##(place)": {"\##(keyword)": [\##(references.joined(separator: ","))]}"##
    }
    let tree = SchemaTree(
      try Value(json: ##"{"$ref": "#/$defs/a0", "$defs": {\##(chain.joined(separator: ","))}}"##))
    let (schema, issues) = Schema.read(tree, name: "acme/list")
    #expect(!issues.isEmpty)
    #expect(
      issues.allSatisfy {
        $0.kind == .malformed && $0.message.hasSuffix("lead to more than 10000 schemas, one through the other")
      })
    #expect(schema.expressionType == .dyn)
    #expect(schema.problems(in: 1).isEmpty)
    #expect(schema.misfits(of: .int).isEmpty)
  }

  @Test("a schema may lead to many others")
  func large() throws {
    let codes = (0..<500).map { ##""a\##($0)": {"allOf": [{"$ref": "#/$defs/base"}, {"const": "\##($0)"}]}"## }
    let choices = (0..<500).map { ##"{"$ref": "#/$defs/a\##($0)"}"## }
    let schema = try read(
      ##"{"oneOf": [\##(choices.joined(separator: ","))], "$defs": {"base": {"type": "string"}, \##(codes.joined(separator: ","))}}"##
    )
    #expect(schema.problems(in: "499").isEmpty)
    #expect(schema.problems(in: "500").count == 1)
  }

  @Test("a schema that holds itself is anything the second time")
  func cycles() throws {
    let tree = try type(##"{"properties": {"child": {"$ref": "#"}, "name": {"type": "string"}}}"##)
    let child = RecordType(
      name: "child of acme/list", [.init("child", .dyn, isRequired: false), .init("name", .string, isRequired: false)])
    #expect(
      tree
        == .record(
          RecordType(
            name: "acme/list",
            [.init("child", .record(child), isRequired: false), .init("name", .string, isRequired: false)])))
    #expect(
      try type(##"{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}"##) == .dyn)
    let problems = try read(##"{"properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}}"##)
      .problems(in: try Value(json: #"{"child": {"child": {"n": "x"}}}"#))
    #expect(problems.map(\.text) == ["child.child.n: a whole number is expected, not the text 'x'"])
  }

  @Test("of several kinds of map a field that only some have need not be there")
  func kinds() throws {
    let both = try type(
      #"{"oneOf": [{"properties": {"kind": {"const": "A"}, "a": {"type": "string"}}, "required": ["kind", "a"]}, {"properties": {"kind": {"const": "B"}, "b": {"type": "integer"}}, "required": ["kind"]}]}"#
    )
    #expect(
      both
        == .record(
          RecordType(
            name: "acme/list",
            [
              .init("kind", .enumeration(["A", "B"])), .init("a", .string, isRequired: false),
              .init("b", .int, isRequired: false),
            ])))
  }

  @Test("a schema whose choices multiply is anything, and is read at once")
  func multiplied() throws {
    let choice = #"{"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "boolean"}]}"#
    let many = Array(repeating: choice, count: 30).joined(separator: ",")
    #expect(try type(#"{"allOf": [\#(many)]}"#) == .dyn)
  }

  @Test(
    "what is not understood or misspelt is told",
    arguments: [
      (#"{"typ": "string"}"#, SchemaIssue.Kind.unknownKeyword, "did you mean 'type'?"),
      (#"{"requird": ["a"]}"#, .unknownKeyword, "did you mean 'required'?"),
      (#"{"type": "string", "nullable": true}"#, .unknownKeyword, "write type: [string, \"null\"]"),
      (#"{"type": "strng"}"#, .malformed, "did you mean 'string'?"),
      (#"{"properties": ["a"]}"#, .malformed, ""), (#"{"required": "a"}"#, .malformed, ""),
      (#"{"items": [{}]}"#, .malformed, "write prefixItems"), (#"{"minLength": -1}"#, .malformed, ""),
      (##"{"$ref": "#/$defs/cod", "$defs": {"code": {}}}"##, .malformed, "did you mean '#/$defs/code'?"),
      (#"{"pattern": "(?=a)"}"#, .malformed, ""), (#"3"#, .malformed, ""),
      (#"{"$ref": "https://example.com/order.json"}"#, .unsupported, ""), (#"{"not": {}}"#, .unsupported, ""),
      (#"{"if": {}}"#, .unsupported, ""), (##"{"$dynamicRef": "#a"}"##, .unsupported, ""),
      (#"{"dependentRequired": {}}"#, .unsupported, ""), (#"{"unevaluatedProperties": false}"#, .unsupported, ""),
      (#"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, .unsupported, ""),
    ])
  func issues(_ json: String, _ kind: SchemaIssue.Kind, _ help: String) throws {
    let issues = Schema.read(SchemaTree(try Value(json: json)), name: "x").issues
    #expect(issues.map(\.kind) == [kind], "\(issues)")
    if !help.isEmpty { #expect(issues.first?.help == help) }
  }

  @Test("words of one's own and annotations are no issue")
  func annotations() throws {
    let json =
      #"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "t", "x-internal": 1, "unit": "kg", "default": 1, "examples": [1], "deprecated": true, "$comment": "c", "readOnly": true}"#
    #expect(Schema.read(SchemaTree(try Value(json: json)), name: "x").issues.isEmpty)
  }

  @Test("a schema with more parts than are read says so, and what was read holds")
  func limit() throws {
    let properties = (0..<20_010).map { ("f\($0)", ["type": "string"] as Value) }
    let (schema, issues) = Schema.read(
      SchemaTree(["type": "object", "properties": .map(ValueMap(properties))]), name: "x")
    #expect(issues.map(\.message) == ["a schema has at most 20000 parts"])
    #expect(schema.problems(in: ["f3": 1]).map(\.text) == ["f3: a text is expected, not the number 1"])
  }

  @Test("a field of the schema that an unread keyword may declare is no unknown one")
  func open() throws {
    let (schema, _) = Schema.read(
      SchemaTree(try Value(json: #"{"properties": {"a": {}}, "if": {}, "then": {"properties": {"b": {}}}}"#)), name: "x"
    )
    #expect(schema.problems(in: ["b": 1], isClosed: true).isEmpty)
  }
}
