/// Why something cannot be written as BSON or is no BSON.
public struct BSONError: Error, Sendable, CustomStringConvertible {
  /// What is wrong, in words.
  public let description: String

  init(_ description: String) { self.description = description }
}
