import Digests
public import Plans
public import Values

/// What `find()` asks: the record of a hub whose fields have certain values.
public struct LookupQuestion: Sendable, Hashable {
  /// The hub and the fields.
  public let lookup: LookupPlan
  /// What the fields are to be, in their order, each as ``lookupText(of:)`` writes it.
  public let texts: [String]
  /// Stands for the texts; the same for the same texts, and for no others.
  public let key: [UInt8]

  /// A question of its parts; as many texts as the lookup has fields.
  public init(_ lookup: LookupPlan, _ texts: [String]) {
    self.lookup = lookup
    self.texts = texts
    key = lookupKey(texts)
  }

  /// Texts are the same where their bytes are: not, as Swift has it, where they look the same.
  public static func == (left: LookupQuestion, right: LookupQuestion) -> Bool {
    left.key == right.key && left.lookup == right.lookup
  }

  /// Questions that are the same have the same hash.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(key)
    hasher.combine(lookup.hub)
  }
}

/// What there is for a ``LookupQuestion``.
public enum LookupAnswer: Sendable {
  /// No kept record.
  case none
  /// One record.
  case one(FoundRecord)
  /// More than one: how many, and the keys of the first of them.
  case several(count: Int, keys: [String])

  /// The most keys that are named.
  public static let namedKeys = 5
}

/// A kept record that was found by its fields, in whatever state it is.
public struct FoundRecord: Sendable {
  /// What identifies it in its hub.
  public var key: String
  /// Where it stands.
  public var state: RecordState
  /// The newest content.
  public var content: Value
  /// What the target knows of it, where it was delivered.
  public var delivered: Delivered?

  /// A record of its parts.
  public init(key: String, state: RecordState, content: Value, delivered: Delivered?) {
    self.key = key
    self.state = state
    self.content = content
    self.delivered = delivered
  }
}

extension LookupPlan {
  /// The key a record is found by; nil where it is found by none, as one of the fields is missing, null, a list or a map.
  public func key(of content: Value) -> [UInt8]? {
    var texts: [String] = []
    texts.reserveCapacity(fields.count)
    for field in fields {
      guard let text = lookupText(of: value(of: field, in: content)) else { return nil }
      texts.append(text)
    }
    return lookupKey(texts)
  }

  private func value(of field: String, in content: Value) -> Value {
    guard field.utf8.contains(0x2E) else { return content[field] ?? .null }
    var value = content
    for name in field.split(separator: ".") { value = value[String(name)] ?? .null }
    return value
  }
}

/// A value as lookups compare it: a text as it is, a number by its amount, so that `7`, `7.0` and `"7"` are one.
///
/// Nil for null, lists and maps, which nothing is found by.
public func lookupText(of value: Value) -> String? {
  switch value {
  case .string(let text): text
  case .int(let number): String(number)
  case .uint(let number): String(number)
  case .decimal(let number): amount(number)
  case .double(let number): Decimal(shortest: number).map(amount) ?? "\(number)"
  case .bool(let flag): flag ? "true" : "false"
  case .timestamp(let time): time.description
  case .duration(let span): "\(span)"
  case .null, .bytes, .list, .map, .type: nil
  }
}

/// A number without zeros at its end: `12.30` is `12.3`, `1E+2` is `100`.
private func amount(_ number: Decimal) -> String {
  // More digits than can be calculated with: then they are what is compared.
  guard var coefficient = number.coefficient else { return number.description }
  var scale = number.scale
  if coefficient == 0 { return "0" }
  while scale > 0, coefficient % 10 == 0 {
    coefficient /= 10
    scale -= 1
  }
  while scale < 0 {
    let (product, overflows) = coefficient.multipliedReportingOverflow(by: 10)
    if overflows { break }
    coefficient = product
    scale += 1
  }
  return Decimal(coefficient: coefficient, scale: scale).description
}

/// Texts as one key of at most 65 bytes: the texts with their lengths, or a digest of that.
private func lookupKey(_ texts: [String]) -> [UInt8] {
  var bytes: [UInt8] = [0]
  for text in texts {
    var length = text.utf8.count
    repeat {
      bytes.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
      length >>= 7
    } while length > 0
    bytes += text.utf8
  }
  return bytes.count <= 65 ? bytes : [1] + HashFunction.sha256.digest(bytes)
}
