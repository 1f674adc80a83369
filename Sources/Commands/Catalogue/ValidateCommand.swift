import Checking
import Declarations
import Diagnostics
import Resolving
import SourceText
import Values

/// `datahub validate`: checks every file of a project, offline.
struct ValidateCommand: Command {
  /// How findings are written.
  enum Format: String, CaseIterable {
    case text
    case json
    case sarif
    case github
    case junit
  }

  static let form = CommandForm(
    name: "validate", summary: "Check every file of the project, offline, and report all findings at once.",
    discussion: "Needs no store, no network and no secret. Ends with 1 where there is an error.",
    arguments: [
      .rest("PATH", "Show only findings in these files and folders; the whole project is checked all the same.")
    ],
    options: [
      .value(
        "format", "FORMAT", "How findings are written.", default: "text",
        choices: Format.allCases.map(\.rawValue)),
      .flag("deny-warnings", "End with 1 where there is a warning, too."),
      .flag("unchecked", "Show each place of a hub that could not be checked, and how much of each hub is."),
      .flag("deny-unchecked", "End with 1 where a part of a hub is not checked."),
    ],
    examples: [
      .init("datahub validate", "Check the project in this folder."),
      .init("datahub -C examples/quickstart validate hubs", "Check a project, and show what is found in its hubs."),
      .init("datahub validate --format github", "Findings beside the lines of a pull request."),
      .init("datahub validate --unchecked", "What is not checked for want of a schema."),
    ])

  private let paths: [String]
  private let format: Format?
  private let deniesWarnings: Bool
  private let showsUnchecked: Bool
  private let deniesUnchecked: Bool

  init(_ arguments: Arguments) {
    paths = arguments.arguments("PATH")
    format = arguments.value("format").flatMap { Format(rawValue: $0) }
    deniesWarnings = arguments.flag("deny-warnings")
    showsUnchecked = arguments.flag("unchecked")
    deniesUnchecked = arguments.flag("deny-unchecked")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let loaded = Workspace.load(context.diskFiles, root: context.shownProject)
    var diagnostics = loaded.diagnostics
    var sources = SourceCollection()
    var coverage: [HubCoverage] = []
    if let workspace = loaded.value {
      sources = workspace.sources
      let check = ProjectCheck(workspace)
      diagnostics.append(contentsOf: check.diagnostics)
      coverage = check.coverage
      if context.globals.isEnvironmentGiven, workspace.project != nil {
        _ = try ProjectPlace(workspace, context)
        diagnostics.append(contentsOf: checkEnvironment(context.globals.environment, workspace))
      }
    }
    let wanted = try paths.map { path in try place(path, sources, context) }
    func isShown(_ span: SourceSpan?) -> Bool {
      guard let span, !wanted.isEmpty else { return true }
      return wanted.contains { contains($0, sources[span.file].path) }
    }
    var findings = Diagnostics(diagnostics.sorted.filter { isShown($0.primary?.span) })
    // What could not be checked is no finding, and how much it is cannot be told of what is wrong.
    let view = CoverageView(findings.hasErrors ? [] : coverage.filter { isShown($0.span) })
    if showsUnchecked { findings.append(contentsOf: view.notes) }
    show(findings, view, loaded.value, FindingsView(findings.sorted, sources, context.console))
    let isDenied =
      deniesWarnings && findings.all.contains { $0.severity == .warning } || deniesUnchecked && !view.isComplete
    return findings.hasErrors || isDenied ? .findings : .done
  }

  /// A path as the files show it: relative to the current folder or, where nothing is there, to the project's.
  private func place(_ path: String, _ sources: SourceCollection, _ context: CommandContext) throws -> String {
    let plain = shownPath(path, currentFolder: context.surroundings.currentFolder)
    let below = context.shownProject.isEmpty ? plain : context.shownProject + "/" + plain
    for candidate in [plain, below] where sources.files.contains(where: { contains(candidate, $0.path) }) {
      return candidate
    }
    throw UsageError(
      "no file of the project is at '\(path)'", help: "name a YAML file of the project, or a folder of it")
  }

  private func contains(_ place: String, _ path: String) -> Bool {
    place.isEmpty || path == place || path.hasPrefix(place + "/")
  }

  // MARK: - View

  private func show(
    _ findings: Diagnostics, _ coverage: CoverageView, _ workspace: Workspace?, _ view: FindingsView
  ) {
    let console = view.console
    switch format ?? (console.format == .json ? .json : .text) {
    case .json:
      let all: Value = ["findings": view.json, "coverage": coverage.json]
      console.line((showsUnchecked ? all : view.json).json())
    case .github:
      console.output(view.github)
      console.note(summary(findings, workspace))
      for line in coverage.lines { console.note(line) }
    case .sarif:
      console.line(SARIFRenderer(version: VersionCommand.version).render(view.findings, sources: view.sources).json())
    case .junit:
      console.output(
        JUnitRenderer().render(view.findings, sources: view.sources, countsWarnings: deniesWarnings))
    case .text:
      console.output(view.text)
      if !view.findings.isEmpty { console.line("") }
      console.line(summary(findings, workspace))
      for line in coverage.lines { console.line(line) }
    }
  }

  private func summary(_ findings: Diagnostics, _ workspace: Workspace?) -> String {
    guard findings.isEmpty else { return findings.summaryLine }
    let resources = counted(workspace?.resources.count ?? 0, "resource")
    return "no findings: \(resources) in \(counted(workspace?.sources.files.count ?? 0, "file"))"
  }
}
