public import Declarations
public import Diagnostics
public import SourceText
public import YAMLSyntax

/// A project, loaded and resolved: every resource by its address, with all it inherits.
public struct Workspace: Sendable {
  /// The files.
  public let sources: SourceCollection
  /// The project document, if there is one.
  public let project: Declaration?
  /// The resources with what they inherit, in the order of the files.
  public let resources: [Declaration]
  /// The resources as they are written, before they inherit anything; in the same order.
  public let declarations: [Declaration]
  /// The names of what could not be read; a reference to one of them has been reported by what is wrong there.
  public let unreadNames: Set<String>
  private let places: [Declaration.Address: Int]
  private let attachments: [String: [UInt8]]

  init(
    sources: SourceCollection, declarations: [Declaration], resources: [Declaration], attachments: [String: [UInt8]],
    unreadNames: Set<String>
  ) {
    self.unreadNames = unreadNames
    self.sources = sources
    self.declarations = declarations
    self.resources = resources
    self.attachments = attachments
    project = resources.first { $0.kind == .project }
    places = Dictionary(
      resources.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The resource of an address.
  public subscript(kind: ResourceKind, name: String) -> Declaration? {
    places[Declaration.Address(kind, name)].map { resources[$0] }
  }

  /// The resource of an address as it is written, before it inherits anything.
  public func declaration(_ address: Declaration.Address) -> Declaration? {
    places[address].map { declarations[$0] }
  }

  /// The resources of a kind that stand for themselves, sorted by name; those only there to be extended are left out.
  public func all(_ kind: ResourceKind) -> [Declaration] {
    resources.filter { $0.kind == kind && !$0.isAbstract }.sorted { $0.name < $1.name }
  }

  /// The path and the bytes of the file that a node names; nil where it could not be read, which has been reported.
  public func file(namedBy node: YAMLNode) -> (path: String, bytes: [UInt8])? {
    guard let name = node.scalar?.text, let path = attachmentPath(name, namedIn: sources[node.span.file].path),
      let bytes = attachments[path]
    else { return nil }
    return (path, bytes)
  }

  /// The names of a kind, sorted.
  public func names(_ kind: ResourceKind) -> [String] { all(kind).map(\.name) }
}

extension Workspace {
  /// Loads the project below a folder: its own files, then those of the catalogues it names, then what they inherit.
  public static func load(_ files: any ProjectFiles, root: String = "") -> Checked<Workspace> {
    var loader = WorkspaceLoader(files: files, root: root)
    loader.loadProject()
    var inheritance = Inheritance(loader.declarations, unreadNames: loader.unreadNames)
    let resources = inheritance.resolveAll()
    var attachments = Attachments(files: files, roots: loader.roots)
    for resource in resources { attachments.read(resource, loader.sources) }
    var diagnostics = loader.diagnostics
    diagnostics.append(contentsOf: inheritance.diagnostics)
    diagnostics.append(contentsOf: attachments.diagnostics)
    let workspace = Workspace(
      sources: loader.sources, declarations: loader.declarations, resources: resources,
      attachments: attachments.contents, unreadNames: loader.unreadNames)
    return Checked(workspace, diagnostics: diagnostics)
  }
}
