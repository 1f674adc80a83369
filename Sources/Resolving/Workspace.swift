public import Declarations
public import Diagnostics
public import SourceText

/// A project, loaded and resolved: every resource by its address, with all it inherits.
public struct Workspace: Sendable {
  /// The files.
  public let sources: SourceCollection
  /// The project document, if there is one.
  public let project: Declaration?
  /// The resources with what they inherit, in the order of the files.
  public let resources: [Declaration]
  private let places: [Declaration.Address: Int]

  init(sources: SourceCollection, resources: [Declaration]) {
    self.sources = sources
    self.resources = resources
    project = resources.first { $0.kind == .project }
    places = Dictionary(
      resources.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The resource of an address.
  public subscript(kind: ResourceKind, name: String) -> Declaration? {
    places[Declaration.Address(kind, name)].map { resources[$0] }
  }

  /// The resources of a kind, sorted by name.
  public func all(_ kind: ResourceKind) -> [Declaration] {
    resources.filter { $0.kind == kind }.sorted { $0.name < $1.name }
  }

  /// The names of a kind, sorted.
  public func names(_ kind: ResourceKind) -> [String] { all(kind).map(\.name) }
}

extension Workspace {
  /// Loads the project below a folder: its own files, then those of the catalogues it names, then what they inherit.
  public static func load(_ files: any ProjectFiles, root: String = "") -> Checked<Workspace> {
    var loader = WorkspaceLoader(files: files, root: root)
    loader.loadProject()
    var inheritance = Inheritance(loader.declarations)
    let resources = inheritance.resolveAll()
    var diagnostics = loader.diagnostics
    diagnostics.append(contentsOf: inheritance.diagnostics)
    return Checked(Workspace(sources: loader.sources, resources: resources), diagnostics: diagnostics)
  }
}
