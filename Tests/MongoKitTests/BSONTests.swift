import Testing
import Values

@testable import MongoKit

@Suite("BSON")
struct BSONTests {
  @Test(
    "a value comes back as it was: kinds, digits, order of keys",
    arguments: [
      "{}", #"{"b":1,"a":2,"":3}"#, #"{"n":9223372036854775807,"m":-9223372036854775808}"#,
      #"{"d":[12.30,0.1,-0.001,1E+2,123456789012345678901234567890.1234,9999999999999999999999999999999999]}"#,
      #"{"t":["","žluťoučký 订单 😀","a\u0000b","\"quoted\"\n","$where","a.b"]}"#,
      #"{"x":{"y":{"z":[[],[[]],{},null,true,false]}}}"#,
    ])
  func roundTrip(_ json: String) throws {
    let document = try BSONDocument(bytes: BSONWriter.document(["value": Value(json: json)]))
    #expect(try document.json("value") == Array(json.utf8))
    #expect(try document.value("value")?.json() == json)
    #expect(document.size == document.reader.bytes.count)
  }

  @Test("the bytes are those of the specification")
  func bytes() throws {
    // From bsonspec.org: {"hello": "world"}, and the decimal 1.5 of the decimal128 tests.
    #expect(
      try BSONWriter.document(["hello": "world"])
        == [0x16, 0, 0, 0, 2] + Array("hello".utf8) + [0, 6, 0, 0, 0] + Array("world".utf8) + [0, 0])
    let form = try #require(Decimal("0.1234567890123456789012345678901234").flatMap { Decimal128($0) })
    #expect(form.high == 0x2FFC_3CDE_6FFF_9732 && form.low == 0xDE82_5CD0_7E96_AFF2)
    let negative = try #require(Decimal("-1.5").flatMap { Decimal128($0) })
    #expect(negative.high == 0xB03E_0000_0000_0000 && negative.low == 15)
  }

  @Test("a decimal of 34 digits is kept, one of more or of too large an exponent is not")
  func decimals() throws {
    for text in ["9.999999999999999999999999999999999", "-1E+6111", "1E-6176", "0.00", "1E+2"] {
      #expect(try #require(Decimal(text)).asKeptByMongo?.description == Decimal(text)?.description)
    }
    for text in ["10.000000000000000000000000000000000001", "1E-6177", "1E+6112"] {
      #expect(try #require(Decimal(text)).asKeptByMongo == nil)
    }
    // Infinity, NaN, and the form that no valid number has.
    #expect(Decimal128(high: 0x7800_0000_0000_0000, low: 0).decimal == nil)
    #expect(Decimal128(high: 0x7C00_0000_0000_0000, low: 0).decimal == nil)
    #expect(Decimal128(high: 0x6C10_0000_0000_0000, low: 7).decimal?.isZero == true)
  }

  @Test("what cannot be a document is refused: zeros in names, too deep nesting, other kinds")
  func refusals() {
    var deep = Value.list([])
    for _ in 0..<200 { deep = .list([deep]) }
    let bad: [Value] = [
      ["a\0b": 1], ["a": deep], ["a": .duration(.zero)], .list([]),
      ["a": .decimal(Decimal("1.00000000000000000000000000000000000001") ?? Decimal(Int64(0)))],
    ]
    for value in bad { #expect(throws: BSONError.self) { try BSONWriter.document(value) } }
  }

  @Test("bytes that are cut, or whose lengths lie, are an error and nothing worse")
  func damage() throws {
    let whole = try BSONWriter.document([
      "a": ["b": [1, "text", nil, true]], "c": .bytes([1, 2, 3]), "d": .decimal(Decimal(Int64(5))),
      "e": .timestamp(Timestamp(milliseconds: 5)), "f": .double(1.5),
    ])
    for length in 0..<whole.count {
      #expect(throws: BSONError.self) { try read(Array(whole[..<length])) }
    }
    for place in whole.indices {
      for value in [UInt8(0), 1, 0x7F, 0x80, 0xFF] {
        var bytes = whole
        bytes[place] = value
        do { try read(bytes) } catch is BSONError { continue }
      }
    }
  }

  private func read(_ bytes: [UInt8]) throws {
    let document = try BSONDocument(bytes: bytes)
    _ = try document.value()
    _ = try document.json("a")
  }
}
