import Schemas
import Testing
import Values

/// Numbers that are the same in every run (SplitMix64).
private struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite("Learning schemas")
struct InferenceTests {
  private func learn(_ lines: [String], _ options: SchemaInference.Options = .init()) throws -> Value {
    var inference = SchemaInference(options)
    for line in lines { try inference.add(try Value(json: line)) }
    return inference.schema
  }

  @Test("what is always there is required, null is a type, a fraction makes a number")
  func basics() throws {
    let schema = try learn([
      #"{"id": 1, "name": "a", "price": 2, "note": null, "lines": [{"qty": 1}]}"#,
      #"{"id": 2, "name": "b", "price": 2.50, "note": "x", "lines": []}"#,
      #"{"id": 3, "name": "c", "price": 3, "lines": [{"qty": 1, "gift": true}]}"#,
    ])
    #expect(
      schema
        == (try Value(
          json: #"""
            {"type": "object", "required": ["id", "name", "price", "lines"], "properties": {
              "id": {"type": "integer"}, "name": {"type": "string"}, "price": {"type": "number"},
              "note": {"type": ["string", "null"]},
              "lines": {"type": "array", "items": {"type": "object", "required": ["qty"], "properties": {
                "qty": {"type": "integer"}, "gift": {"type": "boolean"}}}}}}
            """#)))
  }

  @Test("a field that was always null may be anything where it is not")
  func onlyNull() throws {
    let schema = try learn([#"{"note": null, "list": [null]}"#, #"{"note": null, "list": []}"#])
    #expect(schema.at("properties", "note") == ["description": "Always null in the samples."])
    #expect(schema.at("properties", "list", "items") == ["description": "Always null in the samples."])
    let (read, issues) = Schema.read(SchemaTree(schema), name: "learnt")
    #expect(issues.isEmpty && read.problems(in: ["note": "a text", "list": [1]]).isEmpty)
  }

  @Test("few texts that come often are a closed set, unless that is not wanted")
  func enumerations() throws {
    let lines = (0..<20).map { #"{"status": "\#(["open", "closed"][$0 % 2])", "id": "\#($0)", "currency": "USD"}"# }
    let schema = try learn(lines)
    #expect(schema.at("properties", "status", "enum") == ["closed", "open"])
    #expect(schema.at("properties", "id", "enum") == nil && schema.at("properties", "currency", "enum") == nil)
    #expect(try learn(lines, .init(maximumEnumeration: 0)).at("properties", "status", "enum") == nil)
    #expect(try learn(Array(lines.prefix(6))).at("properties", "status", "enum") == nil)
  }

  @Test("dates are told by their form")
  func dates() throws {
    let schema = try learn([
      #"{"day": "2026-01-31", "at": "2026-01-31T08:00:00Z", "local": "2026-01-31 08:00:00", "no": "2026-13-31"}"#,
      #"{"day": "2026-02-01", "at": "2026-01-31T08:00:00.5+08:00", "local": "2026-01-31 09:00:00", "no": "2026-01-01"}"#,
    ])
    #expect(schema.at("properties", "day", "format") == "date")
    #expect(schema.at("properties", "at", "format") == "date-time")
    #expect(schema.at("properties", "local", "description") == "A time without a zone: yyyy-MM-dd HH:mm:ss.")
    #expect(schema.at("properties", "no") == ["type": "string"])
  }

  @Test("many names that vary are data, not fields")
  func varying() throws {
    let lines = (0..<50).map { #"{"stock": {"W\#($0)": \#($0), "W\#($0 + 100)": 1.5}}"# }
    #expect(
      try learn(lines).at("properties", "stock") == ["type": "object", "additionalProperties": ["type": "number"]])
    let wide = "{" + (0..<1_500).map { #""k\#($0)": {"a": \#($0)}"# }.joined(separator: ",") + "}"
    let schema = try learn([wide, wide])
    #expect(schema.at("additionalProperties", "properties", "a") == ["type": "integer"])
  }

  @Test("more than can be told apart is refused")
  func limit() throws {
    var inference = SchemaInference()
    #expect(throws: SchemaInference.Limit.self) {
      for number in 0..<200 {
        let inner = (0..<900).map { ("f\(number)-\($0)", Value.int(1)) }
        try inference.add(["g\(number)": .map(ValueMap(inner))])
      }
    }
  }

  @Test("every sample is of the schema that is learnt from all of them", arguments: 0..<60)
  func roundTrip(_ seed: Int) throws {
    var dice = Dice(state: UInt64(seed))
    let samples = (0..<Int.random(in: 1...60, using: &dice)).map { _ in record(&dice, depth: 0) }
    var inference = SchemaInference(.init(minimumVaryingKeys: seed % 2 == 0 ? 20 : 4))
    for sample in samples { try inference.add(sample) }
    let (schema, issues) = Schema.read(SchemaTree(inference.schema), name: "learnt")
    #expect(issues.isEmpty, "\(issues)")
    for sample in samples {
      let problems = schema.problems(in: sample, isClosed: true)
      #expect(problems.isEmpty, "seed \(seed): \(problems.map(\.text)) in \(sample.json())")
    }
  }

  private func record(_ dice: inout Dice, depth: Int) -> Value {
    let names = ["a", "b", "status", "day", "items", "owner", "x1", "x2", "x3", "x4", "x5", "x6"]
    let count = Int.random(in: 0...6, using: &dice)
    return .map(
      ValueMap((0..<count).map { _ in (names.randomElement(using: &dice) ?? "a", value(&dice, depth: depth + 1)) }))
  }

  private func value(_ dice: inout Dice, depth: Int) -> Value {
    switch Int.random(in: 0..<(depth > 3 ? 7 : 10), using: &dice) {
    case 0: .null
    case 1: .bool(Bool.random(using: &dice))
    case 2: .int(Int64.random(in: -5...5, using: &dice))
    case 3: .decimal(Decimal(coefficient: Int128(Int64.random(in: -500...500, using: &dice)), scale: 2))
    case 4: .string(["open", "closed"].randomElement(using: &dice) ?? "")
    case 5:
      .string(["2026-01-31", "2026-01-31T08:00:00Z", "2026-01-31 08:00:00", ""].randomElement(using: &dice) ?? "")
    case 6: .string(String(Int.random(in: 0...99, using: &dice)))
    case 7: .list((0..<Int.random(in: 0...3, using: &dice)).map { _ in value(&dice, depth: depth + 1) })
    default: record(&dice, depth: depth)
    }
  }
}
