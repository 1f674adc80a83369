/// What a file may cost at most.
public struct YAMLLimits: Sendable {
  /// The size of a file in bytes.
  public var maximumBytes: Int
  /// How deep nodes may be nested; more than 500 is taken as 500.
  public var maximumDepth: Int
  /// The number of nodes in a file.
  public var maximumNodes: Int
  /// The number of nodes copied through aliases in a file.
  public var maximumAliasExpansion: Int

  /// Makes limits.
  public init(
    maximumBytes: Int = 4 << 20, maximumDepth: Int = 100, maximumNodes: Int = 1_000_000,
    maximumAliasExpansion: Int = 10_000
  ) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
    self.maximumNodes = maximumNodes
    self.maximumAliasExpansion = maximumAliasExpansion
  }
}
