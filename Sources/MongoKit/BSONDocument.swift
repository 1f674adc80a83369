public import Values

/// A document a server answered with.
///
/// Its bytes are looked through once; a value is made when it is asked for.
public struct BSONDocument: Sendable {
  let reader: BSONReader
  private let fields: [BSONReader.Field]

  init(bytes: [UInt8]) throws(BSONError) {
    reader = BSONReader(bytes: bytes)
    fields = try reader.fields(of: 0..<bytes.count)
  }

  /// How many bytes the document has.
  public var size: Int { reader.bytes.count }

  /// The value of a field; nil where there is none.
  public func value(_ name: String) throws(BSONError) -> Value? {
    guard let field = field(name) else { return nil }
    return try reader.value(field)
  }

  /// The whole document as a value.
  public func value() throws(BSONError) -> Value {
    var entries: [(String, Value)] = []
    for field in fields { entries.append((field.name, try reader.value(field))) }
    return .map(ValueMap(entries))
  }

  /// The whole number of a field; nil where there is none.
  public func int64(_ name: String) -> Int64? {
    guard let field = field(name) else { return nil }
    switch field.type {
    case 0x12, 0x09: return reader.number(at: field.range.lowerBound)
    case 0x10: return Int64(reader.number(at: field.range.lowerBound) as Int32)
    case 0x01: return Int64(exactly: Double(bitPattern: reader.number(at: field.range.lowerBound)))
    default: return nil
    }
  }

  /// The whole number of a field; nil where there is none.
  public func int(_ name: String) -> Int? { int64(name).map(Int.init) }

  /// The text of a field; nil where there is none.
  public func text(_ name: String) -> String? {
    guard let field = field(name), field.type == 0x02 else { return nil }
    do throws(BSONError) {
      return try reader.text(field.range)
    } catch {
      // Not UTF-8, so it is none of the texts that are written here.
      return nil
    }
  }

  /// The truth value of a field; false where there is none.
  public func flag(_ name: String) -> Bool {
    guard let field = field(name), field.type == 0x08 else { return false }
    return reader.bytes[field.range.lowerBound] != 0
  }

  /// The bytes of a field; nil where there are none.
  public func bytes(_ name: String) -> [UInt8]? {
    guard let field = field(name), field.type == 0x05 else { return nil }
    return Array(reader.bytes[(field.range.lowerBound + 5)..<field.range.upperBound])
  }

  /// The time of a field; nil where there is none.
  public func time(_ name: String) -> Timestamp? {
    guard let field = field(name), field.type == 0x09 else { return nil }
    return Timestamp(milliseconds: reader.number(at: field.range.lowerBound))
  }

  /// The texts in a field that is a list; what is no text, or cannot be read, is left out.
  func texts(_ name: String) -> Set<String> {
    guard let list = field(name), list.type == 0x04 else { return [] }
    do throws(BSONError) {
      var texts: Set<String> = []
      for field in try reader.fields(of: list.range) where field.type == 0x02 {
        texts.insert(try reader.text(field.range))
      }
      return texts
    } catch {
      return []
    }
  }

  /// The documents of a field that is a list of documents; empty where there is none.
  public func documents(_ name: String) throws(BSONError) -> [BSONDocument] {
    guard let list = field(name), list.type == 0x04 else { return [] }
    var documents: [BSONDocument] = []
    for field in try reader.fields(of: list.range) where field.type == 0x03 {
      documents.append(try BSONDocument(bytes: Array(reader.bytes[field.range])))
    }
    return documents
  }

  /// The document of a field that is one; nil where there is none.
  public func document(_ name: String) throws(BSONError) -> BSONDocument? {
    guard let field = field(name), field.type == 0x03 else { return nil }
    return try BSONDocument(bytes: Array(reader.bytes[field.range]))
  }

  /// True where there is a field of a name that is not null.
  public func has(_ name: String) -> Bool {
    guard let field = field(name) else { return false }
    return field.type != 0x0A && field.type != 0x06
  }

  func field(_ name: String) -> BSONReader.Field? { fields.first { $0.name == name } }
}
