/// Why an ``HTTPServer`` could not be started.
public struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure.
  public struct Code: Sendable, Hashable {
    private enum Kind { case addressInUse, notPermitted, system }
    private let kind: Kind

    /// Another process listens on the port.
    public static let addressInUse = Code(kind: .addressInUse)
    /// The port is one that only a privileged process may open.
    public static let notPermitted = Code(kind: .notPermitted)
    /// The operating system refused for another reason.
    public static let system = Code(kind: .system)
  }

  /// The kind of failure.
  public let code: Code
  /// What happened, with the address and port, in words.
  public let message: String

  /// What happened, in words.
  public var description: String { message }

  /// True where the same start may succeed later with nothing changed.
  public var isTransient: Bool { code == .addressInUse }
}
