/// Why a stand-in cannot work with its files.
public struct SandboxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public struct Code: Sendable, Hashable {
    private enum Kind { case unreadable, unwritable, malformed, inUse, otherOrders }
    private let kind: Kind

    /// A file or folder cannot be opened or read.
    public static let unreadable = Code(kind: .unreadable)
    /// A file or folder cannot be made or written.
    public static let unwritable = Code(kind: .unwritable)
    /// A file's content is not what it should be.
    public static let malformed = Code(kind: .malformed)
    /// Another process works with the same state.
    public static let inUse = Code(kind: .inUse)
    /// The state was made from another file of orders.
    public static let otherOrders = Code(kind: .otherOrders)
  }

  /// The kind of failure.
  public let code: Code
  /// The file and what is wrong with it, in words.
  public let message: String

  /// The file and what is wrong with it, in words.
  public var description: String { message }

  /// True where the same call may succeed later with nothing changed.
  public var isTransient: Bool { code == .inUse }
}
