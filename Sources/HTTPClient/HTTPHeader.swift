/// One header field of a request or a response.
public struct HTTPHeader: Sendable, Hashable {
  /// The field's name; names differing only in case are the same field.
  public var name: String
  /// The field's value, without surrounding white space.
  public var value: String

  /// Creates a field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension HTTPHeader {
  /// Returns whether the field's name is `other`, ASCII case aside.
  func isNamed(_ other: String) -> Bool {
    name.utf8.count == other.utf8.count
      && name.utf8.elementsEqual(other.utf8) { asciiLowercase($0) == asciiLowercase($1) }
  }
}

/// Returns the lower-case form of an ASCII capital letter, any other byte as it is.
func asciiLowercase(_ byte: UInt8) -> UInt8 {
  byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
}
