import Keeping
import MongoKit
import Values

/// How a record's content is kept: as a document to be searched in and, where a document cannot hold it exactly, with its
/// JSON text beside it.
///
/// A document is exact where every number comes back with its digits and every key as it was. It is not where a key has a
/// zero character or a dot or begins with `$` (then the document has `␀`, `．` and `＄` instead), where a number has more than
/// 34 digits or a form of its own (`-0.0`, `1.5E1`), and where it is nested too deep. Content that is too long for one
/// document, or is no JSON, is kept as its text alone, cut into pieces.
struct ContentForm {
  /// The document; null where there is only the text.
  let document: Value
  /// The text; nil where the document says it all.
  let text: [UInt8]?

  /// Where a text is cut: two of these and a record's other fields fit a document of 16 MB.
  static let pieceLength = 6 << 20
  /// A document holds 100 levels, of which commands and the record itself take some.
  private static let deepest = 80

  init(_ json: [UInt8]) {
    var parser = JSONParser()
    self.init(json, &parser)
  }

  init(_ json: [UInt8], _ parser: inout JSONParser) {
    guard json.count <= ContentForm.pieceLength else {
      document = .null
      text = json
      return
    }
    do throws(JSONError) {
      var form = Cleaner()
      let value = form.clean(try parser.parse(json), depth: 0)
      document = form.isTooLong ? .null : value
      text = form.isExact ? nil : json
    } catch {
      // No JSON: kept as it is.
      document = .null
      text = json
    }
  }

  /// Makes documents that every server takes, and notes what they lost.
  private struct Cleaner {
    var isExact = true
    var size = 0
    var isTooLong: Bool { size > ContentForm.pieceLength }

    mutating func clean(_ value: Value, depth: Int) -> Value {
      size += 12
      switch value {
      case .null, .bool, .int: return value
      case .string(let text):
        size += text.utf8.count
        return value
      case .decimal(let number): return clean(number)
      case .list(let items):
        guard depth < ContentForm.deepest else { return leaveOut() }
        return .list(items.map { clean($0, depth: depth + 1) })
      case .map(let map):
        guard depth < ContentForm.deepest else { return leaveOut() }
        return .map(clean(map, depth))
      default: return leaveOut()
      }
    }

    private mutating func clean(_ map: ValueMap, _ depth: Int) -> ValueMap {
      var copy = map
      var names: [String]?
      for (slot, key) in map.shape.keys.enumerated() {
        guard case .string(let name) = key else { continue }
        size += name.utf8.count
        copy.values[slot] = clean(map.values[slot], depth: depth + 1)
        if name.utf8.first == 0x24 || name.utf8.contains(where: { $0 == 0x2E || $0 == 0 }) {
          var list = names ?? map.shape.keys.map { $0.value.stringValue ?? "" }
          list[slot] = ContentForm.plainName(name)
          names = list
        }
      }
      guard let names else { return copy }
      isExact = false
      // Of two keys that look alike by now one is left out; the text has both.
      return ValueMap(zip(names, copy.values))
    }

    private mutating func clean(_ number: Decimal) -> Value {
      if let kept = number.asKeptByMongo {
        if kept.description != number.description { isExact = false }
        return .decimal(kept)
      }
      isExact = false
      return number.double.isFinite ? .double(number.double) : .string(number.description)
    }

    private mutating func leaveOut() -> Value {
      isExact = false
      return .null
    }
  }

  private static func plainName(_ name: String) -> String {
    var plain = ""
    for (place, scalar) in name.unicodeScalars.enumerated() {
      switch scalar {
      case "$" where place == 0: plain.unicodeScalars.append("\u{FF04}")
      case ".": plain.unicodeScalars.append("\u{FF0E}")
      case "\0": plain.unicodeScalars.append("\u{2400}")
      default: plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }
}

extension Tenant {
  /// Keeps bytes that belong to a document: in it, or in pieces beside it; gives the fields of the document.
  func keep(_ bytes: [UInt8]?, as name: String, of owner: String) throws -> [(String, Value)] {
    guard let bytes else { return [] }
    let length = ContentForm.pieceLength
    guard bytes.count > length else { return [(name, .bytes(bytes))] }
    var number: Int64 = 0
    for start in stride(from: 0, to: bytes.count, by: length) {
      try pieces.insert([
        [
          "_id": .string("\(owner)/\(number)"), "of": .string(owner), "number": .int(number),
          "bytes": .bytes(Array(bytes[start..<min(start + length, bytes.count)])),
        ]
      ])
      number += 1
    }
    return [("pieces", .int(number))]
  }

  /// The bytes that ``keep(_:as:of:)`` kept; nil where there are none.
  func kept(_ name: String, of owner: String, _ document: BSONDocument) throws -> [UInt8]? {
    guard let count = document.int("pieces") else { return document.bytes(name) }
    let parts = try pieces.find(["of": .string(owner)], sort: ["number": 1])
    guard parts.count == count else { throw StoreError.damaged("\(owner) has \(parts.count) of \(count) pieces") }
    return parts.reduce(into: []) { $0 += $1.bytes("bytes") ?? [] }
  }

  /// Forgets the pieces of a document.
  func dropPieces(of owner: String) throws { try pieces.delete(["of": .string(owner)]) }

  /// A record's content as JSON.
  func content(of record: BSONDocument, _ hub: String, _ id: Int64) throws -> [UInt8] {
    if let text = try kept("raw", of: Tenant.owner(hub, id), record) { return text }
    guard let json = try record.json("content") else { throw StoreError.damaged("record \(id) has no content") }
    return json
  }

  /// What the pieces of a record are kept under.
  static func owner(_ hub: String, _ record: Int64) -> String { "\(StoreNames.records(of: hub)) \(record)" }
  /// What the pieces of a task are kept under; no collection has a blank in its name.
  static func owner(task: Int64) -> String { " task \(task)" }
}

extension Tenant {
  /// Keeps a value as a document to be searched in, with its text beside it where that would lose anything; gives the fields.
  func keep(value: Value, as name: String, of owner: String) throws -> [(String, Value)] {
    let form = ContentForm(value.jsonBytes())
    return [(name, form.document)] + (try keep(form.text, as: "raw", of: owner))
  }

  /// The value that ``keep(value:as:of:)`` kept; nil where there is none.
  func kept(value name: String, of owner: String, _ document: BSONDocument) throws -> Value? {
    guard let json = try kept("raw", of: owner, document) ?? document.json(name) else { return nil }
    do throws(JSONError) {
      return try Value(jsonBytes: json)
    } catch {
      throw StoreError.damaged("a value that cannot be read (\(error))")
    }
  }
}
