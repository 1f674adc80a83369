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
  private let unreadNames: UnreadNames
  /// Whether something of the project or its catalogues could not be read, so that what is missing may stand there.
  public var hasUnread: Bool { !unreadNames.isEmpty }
  private let byKind: [ResourceKind: [Declaration]]
  private let places: [Declaration.Address: Int]
  private let attachments: [String: [UInt8]]
  private let schemas: [String: YAMLNode]

  init(
    sources: SourceCollection, declarations: [Declaration], resources: [Declaration], attachments: [String: [UInt8]],
    schemas: [String: YAMLNode], unreadNames: UnreadNames
  ) {
    self.schemas = schemas
    self.unreadNames = unreadNames
    byKind = Dictionary(grouping: resources.filter { !$0.isAbstract }, by: \.kind).mapValues { found in
      found.sorted { $0.name < $1.name }
    }
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

  /// Whether a name may be that of something which could not be read; a reference to it has been reported by what is wrong
  /// there.
  public func isUnread(_ name: String) -> Bool { unreadNames.contains(name) }

  /// The resource of an address as it is written, before it inherits anything.
  public func declaration(_ address: Declaration.Address) -> Declaration? {
    places[address].map { declarations[$0] }
  }

  /// The resources of a kind that stand for themselves, sorted by name; those only there to be extended are left out.
  public func all(_ kind: ResourceKind) -> [Declaration] {
    byKind[kind] ?? []
  }

  /// The path and the bytes of the file that a node names; nil where it could not be read, which has been reported.
  public func file(namedBy node: YAMLNode) -> (path: String, bytes: [UInt8])? {
    guard let path = path(namedBy: node), let bytes = attachments[path] else { return nil }
    return (path, bytes)
  }

  private func path(namedBy node: YAMLNode) -> String? {
    node.scalar.flatMap { attachmentPath($0.text, namedIn: sources[node.span.file].path) }
  }

  /// The schema that fields of a resource say: that of `schemaFile`, and `schema` merged over it.
  ///
  /// - Parameters:
  ///   - holder: what has the fields, such as the `record` of a standard API.
  ///   - additions: a further schema that is merged over it, as a hub's.
  public func schemaTree(of holder: YAMLNode?, with additions: YAMLNode? = nil) -> YAMLNode? {
    let file = holder?.child("schemaFile").flatMap { path(namedBy: $0) }.flatMap { schemas[$0] }
    // Without the file that could not be read, the rest would say that its fields are not there.
    if file == nil, let mention = holder?.child("schemaFile"), !mention.isNull { return nil }
    return [file, holder?.child("schema"), additions].compactMap(\.self).reduce(nil as YAMLNode?) { known, next in
      known.map { merge($0, next) } ?? next
    }
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
    var sources = loader.sources
    let schemas = readSchemas(attachments, &sources, &diagnostics)
    let workspace = Workspace(
      sources: sources, declarations: loader.declarations, resources: resources, attachments: attachments.contents,
      schemas: schemas, unreadNames: loader.unreadNames)
    return Checked(workspace, diagnostics: diagnostics)
  }

  /// Reads schema files as trees that know their places; JSON is read as the YAML it is.
  private static func readSchemas(
    _ attachments: Attachments, _ sources: inout SourceCollection, _ diagnostics: inout Diagnostics
  ) -> [String: YAMLNode] {
    var schemas: [String: YAMLNode] = [:]
    for path in attachments.schemaFiles {
      guard let bytes = attachments.contents[path] else { continue }
      let parsed = parseYAML(sources.add(path: path, bytes: bytes))
      diagnostics.append(contentsOf: parsed.diagnostics)
      if !parsed.diagnostics.hasErrors { schemas[path] = parsed.value?.first?.root }
    }
    return schemas
  }
}
