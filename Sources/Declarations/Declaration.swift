public import SourceText
public import YAMLSyntax

/// One resource as a file declares it: its envelope read, its `spec` still a tree in which every leaf knows its place.
public struct Declaration: Sendable {
  /// The kind.
  public let kind: ResourceKind
  /// The name, unique among its kind.
  public let name: String
  /// Where the name stands.
  public let nameSpan: SourceSpan
  /// What people call it.
  public let title: String?
  /// The resource it inherits from, and where that is said.
  public let extends: (name: String, span: SourceSpan)?
  /// True where the resource is only there to be extended: it may be incomplete, and is not deployed.
  public let isAbstract: Bool
  /// Why it should no longer be used, and what to use instead.
  public let deprecation: String?
  /// The whole document.
  public let span: SourceSpan
  /// The fields of the kind.
  public var spec: YAMLNode
  /// True where the resource comes from a catalogue and not from the project.
  public let isFromCatalogue: Bool
  /// True where it inherits from something that could not be read or is not there: what it lacks may stand in that.
  public var isIncomplete = false
}

extension Declaration {
  /// A kind and a name, which together mean one resource.
  public struct Address: Hashable, Sendable, CustomStringConvertible {
    /// The kind.
    public let kind: ResourceKind
    /// The name.
    public let name: String

    /// An address of its parts.
    public init(_ kind: ResourceKind, _ name: String) {
      self.kind = kind
      self.name = name
    }

    /// `hub 'sales-out'`.
    public var description: String { "\(kind.noun) '\(name)'" }
  }

  /// What the resource is referred to by.
  public var address: Address { Address(kind, name) }
}
