import Checking
import Declarations
import Diagnostics
import Resolving
import YAMLSyntax

/// Where a project's records are kept in one environment.
struct ProjectPlace: Sendable {
  /// The project's name.
  let project: String
  /// Whose records these are.
  let tenant: String
  let environment: String
  /// Its store, as it is declared: secrets in its address are read when it is opened.
  private(set) var store: DeclaredStore
  /// The stores of all environments, as they are declared.
  private let stores: [String: String]

  /// The place a loaded project declares for an environment.
  init(_ workspace: Workspace, _ context: CommandContext) throws {
    guard let project = workspace.project else {
      throw CommandFailure(.findings, "there is no project", help: "name the project's folder with -C")
    }
    let environment = context.globals.environment
    guard workspace.environments.contains(environment) else {
      let guess = didYouMean(environment, among: workspace.environments).map { "did you mean '\($0)'? " } ?? ""
      throw CommandFailure(
        .usage, "there is no environment '\(environment)'",
        help: "\(guess)environments are \(workspace.environments.joined(separator: ", "))")
    }
    var stores: [String: String] = [:]
    for name in workspace.environments {
      stores[name] = project.spec.child("environments", name)?.text("store") ?? "sqlite:.datahub/\(name)"
    }
    self.stores = stores
    self.store = DeclaredStore(
      text: stores[environment] ?? "", environment: environment, projectFolder: context.projectFolder,
      variables: context.surroundings.environment)
    self.project = project.name
    self.environment = environment
    tenant = project.spec.text("tenant") ?? project.name
  }

  /// The same place with another store: that of an environment, or of an address.
  func with(store name: String) throws -> ProjectPlace {
    let isAddress = ["sqlite:", "mongodb://", "mongodb+srv://", "${"].contains { name.hasPrefix($0) }
    guard let text = stores[name] ?? (isAddress ? name : nil) else {
      let names = stores.keys.sorted()
      let guess = didYouMean(name, among: names).map { "did you mean '\($0)'? " } ?? ""
      throw CommandFailure(
        .usage, "'\(name)' is neither an environment nor the address of a store",
        help: "\(guess)environments are \(names.joined(separator: ", ")); "
          + "addresses are sqlite: and a folder, or mongodb:// and a host")
    }
    var place = self
    place.store = DeclaredStore(
      text: text, environment: stores[name] == nil ? environment : name, projectFolder: store.projectFolder,
      variables: store.variables)
    return place
  }

  /// Finds the place by the project document alone, so that work goes on while other files are being changed.
  static func find(_ context: CommandContext) throws -> ProjectPlace {
    let files = context.diskFiles
    let document = ProjectDocumentFiles(files: files, root: context.shownProject)
    let loaded = Workspace.load(document, root: context.shownProject)
    if !loaded.diagnostics.hasErrors, let workspace = loaded.value { return try ProjectPlace(workspace, context) }
    let whole = Workspace.load(files, root: context.shownProject)
    guard let workspace = whole.value, workspace.project != nil, !whole.diagnostics.hasErrors else {
      if let sources = whole.value?.sources {
        context.console.message(FindingsView(whole.diagnostics.sorted, sources, context.console).messageText)
      }
      throw CommandFailure(.findings, "the project cannot be read", help: "run datahub validate to see every finding")
    }
    return try ProjectPlace(workspace, context)
  }
}

extension CommandContext {
  /// The project's folder as paths show it; empty for the current one.
  var shownProject: String { shownPath(globals.project, currentFolder: surroundings.currentFolder) }

  /// The project's folder, absolute.
  var projectFolder: String { surroundings.absolute(shownProject) }

  /// The project's files.
  var diskFiles: DiskFiles { DiskFiles(currentFolder: surroundings.currentFolder, project: shownProject) }
}
