import Testing

@testable import Values

@Suite("Encoding data as values")
struct ValueCodingTests {
  struct Inner: Codable, Equatable {
    var name: String
    var weight: Double
  }
  enum Kind: String, Codable { case query, execute }
  struct Outer: Codable, Equatable {
    var title: String?
    var count: Int
    var big: UInt64
    var kind: Kind
    var inner: [Inner]
    var limits: [String: Int]
    var raw: Value
  }

  @Test("data comes back as it went in, values inside keep their digits")
  func roundTrip() throws {
    let raw = try Value(json: #"{"b":12.30,"a":[1,null]}"#)
    let data = Outer(
      title: nil, count: 7, big: .max, kind: .execute, inner: [Inner(name: "x", weight: 0.5)], limits: ["a": 1],
      raw: raw)
    let value = try ValueEncoder().encode(data)
    #expect(
      value.json()
        == #"{"count":7,"big":18446744073709551615,"kind":"execute","inner":[{"name":"x","weight":0.5}],"limits":{"a":1},"raw":{"b":12.30,"a":[1,null]}}"#
    )
    #expect(try ValueDecoder().decode(Outer.self, from: value) == data)
    let read = try Value(json: value.json())
    #expect(try ValueDecoder().decode(Outer.self, from: read) == data)
  }

  @Test("a missing key and a wrong type are named")
  func errors() {
    #expect(throws: DecodingError.self) { try ValueDecoder().decode(Inner.self, from: ["name": "x"]) }
    #expect(throws: DecodingError.self) { try ValueDecoder().decode(Inner.self, from: ["name": 1, "weight": 1]) }
    #expect(throws: DecodingError.self) { try ValueDecoder().decode([Int].self, from: [1, "x"]) }
  }
}
