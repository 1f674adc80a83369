import Testing

@testable import Values

@Suite("JSON")
struct JSONTests {
  @Test(
    "an untouched text is written back byte for byte",
    arguments: [
      #"{"b":12.30,"a":[1,2.50,-0.0,1E+2,1e-7,0,-0,-17],"c":{"x":null,"y":true,"z":false}}"#,
      #"{"id":1234567890123456789,"big":123456789012345678901234567890,"max":9223372036854775807,"over":9223372036854775808}"#,
      #"{"t":"订单 \"7\" \\ tab\t","e":"","long":"a text that is longer than fifteen bytes","emoji":"😀"}"#,
      #"[[],{},[[]],{"a":{}}]"#, #""x""#, "12.30", "-9223372036854775808", "0.000000000000000000000000000001",
      #"[0.10,100.00,99999999999999999.9,0.000000000000000001]"#,
    ])
  func roundTrip(_ text: String) throws {
    #expect(try Value(json: text).json() == text)
  }

  @Test(
    "what RFC 8259 does not allow is refused",
    arguments: [
      "", " ", "{", "[1,]", "{\"a\":1,}", "[1 2]", "{\"a\" 1}", "{a:1}", "'a'", "01", "-", "1.", ".5", "1e", "1e+",
      "+1", "-01",
      "\"a", "\"\\x\"", "\"\\u12\"", "\"\u{0}\"", "\"a\nb\"", "nul", "tru", "NaN", "Infinity", "[1]]", "1 1",
      "\"\\ud800\"",
      "\"\\udc00\"", "[\"a\",\n4\n,1,", "{\"a\":\"b\"}/**/", "\u{FEFF}1", "[1}", "{\"a\":1]", "1.2.3", "--1", "1e5.2",
    ])
  func refused(_ text: String) {
    #expect(throws: JSONError.self) { try Value(json: text) }
  }

  @Test("bytes that are not UTF-8 are refused, also behind an escape")
  func invalidUTF8() {
    for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0x5C, 0x6E, 0xED, 0xA0, 0x80, 0x22]] {
      #expect(throws: JSONError.self) { try Value(jsonBytes: bytes) }
    }
  }

  @Test("escapes are decoded, surrogate pairs joined")
  func escapes() throws {
    #expect(try Value(json: #""\u0041\n\/\ud83d\ude00\\""#) == "A\n/😀\\")
  }

  @Test("of two entries with one key the later wins, in the earlier's place")
  func duplicateKeys() throws {
    #expect(try Value(json: #"{"a":1,"b":2,"a":3}"#).json() == #"{"a":3,"b":2}"#)
    #expect(try Value(json: #"{"a":1,"\u0061":3}"#).json() == #"{"a":3}"#)
  }

  @Test("depth and size are limited")
  func limits() {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) { try Value(json: deep) }
    #expect(throws: JSONError.self) { try Value(json: "[1,2,3]", limits: JSONLimits(maximumBytes: 5)) }
    let allowed = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    #expect(throws: Never.self) { try Value(json: allowed) }
  }

  @Test("records with the same keys share one shape, in one parser")
  func sharedShapes() throws {
    var parser = JSONParser()
    let page = try parser.parse(Array(#"[{"a":1,"b":2},{"a":3,"b":4},{"b":1,"a":2}]"#.utf8))
    let maps = try #require(page.listValue).compactMap(\.mapValue)
    #expect(maps[0].shape === maps[1].shape)
    #expect(maps[0].shape !== maps[2].shape)
    #expect(maps[2]["a"] == 2)
  }

  @Test("objects used as dictionaries are read whole, however many keys they have")
  func dictionaries() throws {
    let entries = (0..<20_000).map { "\"key-\($0)\":\($0)" }.joined(separator: ",")
    let wide = try Value(json: "{\(entries)}")
    #expect(wide.mapValue?.count == 20_000)
    #expect(wide["key-19999"] == 19_999)
    let many = try Value(json: "[" + (0..<5_000).map { "{\"k\($0)\":1,\"same\":\($0)}" }.joined(separator: ",") + "]")
    #expect(many.listValue?[4_999]["same"] == 4_999)
    #expect(many.listValue?[4_999]["k4999"] == 1)
  }

  @Test("a parser goes on after a text that was refused")
  func reuse() throws {
    var parser = JSONParser()
    #expect(throws: JSONError.self) { try parser.parse(Array(#"{"a":[1,"x",{"#.utf8)) }
    #expect(try parser.parse(Array(#"{"a":1}"#.utf8)) == ["a": 1])
  }

  @Test("canonical text has its keys sorted by their bytes")
  func sortedKeys() throws {
    let value = try Value(json: #"{"b":{"z":1,"é":2,"a":3},"a":1}"#)
    #expect(value.json(sortedKeys: true) == #"{"a":1,"b":{"a":3,"z":1,"é":2}}"#)
  }

  @Test("control characters and quotes are escaped in keys and texts")
  func writesEscapes() {
    let value: Value = ["k\"\n": "\u{1}\u{8}\u{c}\t\\/"]
    #expect(value.json() == #"{"k\"\n":"\u0001\b\f\t\\/"}"#)
  }

  @Test("random values survive writing and reading", arguments: 0..<20)
  func randomRoundTrip(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let value = randomValue(&random, depth: 4)
    let text = value.json()
    #expect(try Value(json: text) == value)
    #expect(try Value(json: text).json() == text)
  }
}

/// A small seeded generator, splitmix64 of Sebastiano Vigna.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func randomValue(_ random: inout SplitMix64, depth: Int) -> Value {
  switch Int.random(in: 0..<(depth == 0 ? 5 : 7), using: &random) {
  case 0: .null
  case 1: .bool(Bool.random(using: &random))
  case 2: .int(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<63, using: &random))
  case 3: .decimal(Decimal(coefficient: Int128(Int64.random(in: -99_999...99_999, using: &random)) * 10 + 7, scale: 2))
  case 4:
    .string(
      String(
        (0..<Int.random(in: 0..<30, using: &random)).map { _ in
          "abcXYZ019 \"\\\n\t订单é😀".randomElement(using: &random) ?? "x"
        }))
  case 5:
    .list((0..<Int.random(in: 0..<5, using: &random)).map { _ in randomValue(&random, depth: depth - 1) })
  default:
    .map(
      ValueMap(
        (0..<Int.random(in: 0..<12, using: &random)).map {
          ("key\($0 * 7)", randomValue(&random, depth: depth - 1))
        }))
  }
}
