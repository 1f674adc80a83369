/// Why a text is not JSON, or is more than was allowed.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong, in words.
  public let message: String
  /// The place in the text, in bytes from its start.
  public let offset: Int

  /// What is wrong, and where.
  public var description: String { "\(message) at byte \(offset)" }
}

/// How much a JSON text may ask of its reader.
public struct JSONLimits: Sendable {
  /// Bytes of the whole text.
  public var maximumBytes: Int
  /// Arrays and objects within each other.
  public var maximumDepth: Int

  /// 64 MiB, 512 levels.
  public init(maximumBytes: Int = 64 << 20, maximumDepth: Int = 512) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
  }
}
