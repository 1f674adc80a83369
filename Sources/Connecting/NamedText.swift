/// A text with a name: a header, a parameter of a URL, a field of a form.
public struct NamedText: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The text, not encoded.
  public var value: String

  /// A text of a name.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [NamedText] {
  /// Gives a name a value: in place of the one it has, or at the end.
  mutating func set(_ name: String, _ value: String) {
    if let place = firstIndex(where: { $0.name == name }) {
      self[place].value = value
    } else {
      append(NamedText(name, value))
    }
  }

  /// Gives a header a value, whatever the case of its name.
  mutating func set(header name: String, _ value: String) {
    if let place = firstIndex(where: { $0.name.isSameHeader(as: name) }) {
      self[place].value = value
    } else {
      append(NamedText(name, value))
    }
  }
}

extension String {
  /// True where both name one header.
  func isSameHeader(as other: String) -> Bool {
    utf8.count == other.utf8.count && zip(utf8, other.utf8).allSatisfy { $0.lowerCased == $1.lowerCased }
  }

  /// The text with A to Z in lower case.
  var lowerCasedASCII: String {
    guard utf8.contains(where: { $0 != $0.lowerCased }) else { return self }
    return String(decoding: utf8.map(\.lowerCased), as: UTF8.self)
  }
}

extension UInt8 {
  @inline(__always)
  fileprivate var lowerCased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}
