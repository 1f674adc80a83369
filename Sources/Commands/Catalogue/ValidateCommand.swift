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
    discussion: """
      Needs no store, no network and no secret. Ends with 1 where there is an error. With --fix, what can only have been meant \
      in one way is put right first (docs/language/formatting.md); catalogues outside the project are left as they are.
      """,
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
      .flag("fix", "Apply the safe fixes to the files, check again, and show what is left."),
      .value("max-findings", "N", "How many findings to show; 0 for all.", default: "\(TextRenderer.maximumCount)"),
    ],
    examples: [
      .init("datahub validate", "Check the project in this folder."),
      .init("datahub -C examples/quickstart validate hubs", "Check a project, and show what is found in its hubs."),
      .init("datahub validate --format github", "Findings beside the lines of a pull request."),
      .init("datahub validate --unchecked", "What is not checked for want of a schema."),
      .init("datahub validate --fix", "Put right what is plainly misspelt."),
    ])

  private let paths: [String]
  private let format: Format?
  private let deniesWarnings: Bool
  private let showsUnchecked: Bool
  private let deniesUnchecked: Bool
  private let isFixing: Bool
  private let limit: Int

  init(_ arguments: Arguments) throws(UsageError) {
    paths = arguments.arguments("PATH")
    format = arguments.value("format").flatMap { Format(rawValue: $0) }
    deniesWarnings = arguments.flag("deny-warnings")
    showsUnchecked = arguments.flag("unchecked")
    deniesUnchecked = arguments.flag("deny-unchecked")
    isFixing = arguments.flag("fix")
    let count = try arguments.integer("max-findings", in: 0...1_000_000, default: TextRenderer.maximumCount)
    limit = count == 0 ? .max : count
  }

  /// What a check of the project's files gave.
  private struct Result {
    var workspace: Workspace?
    var sources = SourceCollection()
    var findings: [Diagnostic] = []
    var coverage: [HubCoverage] = []
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    var fixes = FixRun(context.diskFiles)
    if isFixing {
      try fixes.run(mayEdit: { isOwn($0, context) }) { files in
        let result = try check(files, context)
        return (result.findings, result.sources)
      }
      try write(fixes, context)
    }
    let result = try check(context.diskFiles, context)
    var findings = Diagnostics(result.findings)
    // What could not be checked is no finding, and how much it is cannot be told of what is wrong.
    let coverage = CoverageView(findings.hasErrors ? [] : result.coverage)
    if showsUnchecked { findings.append(contentsOf: coverage.notes) }
    let view = FindingsView(findings.sorted, result.sources, context.console, limit: limit)
    show(findings, coverage, result.workspace, view, fixes.fixed, unfixed: fixes.refused.sorted())
    let isDenied =
      deniesWarnings && findings.all.contains { $0.severity == .warning } || deniesUnchecked && !coverage.isComplete
    return findings.hasErrors || isDenied ? .findings : .done
  }

  private func check(_ files: any ProjectFiles, _ context: CommandContext) throws -> Result {
    let loaded = Workspace.load(files, root: context.shownProject)
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
    // What is about no file is always shown.
    func isShown(_ span: SourceSpan?) -> Bool {
      guard let span, !wanted.isEmpty else { return true }
      return wanted.contains { contains($0, sources[span.file].path) }
    }
    return Result(
      workspace: loaded.value, sources: sources, findings: diagnostics.sorted.filter { isShown($0.primary?.span) },
      coverage: coverage.filter { isShown($0.span) })
  }

  /// Whether a file lies in the project's folder.
  private func isOwn(_ path: String, _ context: CommandContext) -> Bool {
    let root = context.shownProject
    return root.isEmpty ? !path.hasPrefix("/") && !path.hasPrefix("../") : contains(root, path)
  }

  private func write(_ fixes: FixRun, _ context: CommandContext) throws {
    do throws(FileProblem) {
      try fixes.write { context.surroundings.absolute($0) }
    } catch {
      throw CommandFailure(
        .findings, "the fixes cannot be written: \(error.description)",
        help: "see that the file and its folder may be written, and run datahub validate --fix once more")
    }
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
    _ findings: Diagnostics, _ coverage: CoverageView, _ workspace: Workspace?, _ view: FindingsView,
    _ fixed: [FixRun.Fixed], unfixed: [String]
  ) {
    let console = view.console
    let format = format ?? (console.format == .json ? .json : .text)
    for path in unfixed { console.warn("\(path): its fixes are not made, as the file could not be read with them") }
    if format != .json { for fix in fixed { console.note(printable("fixed \(fix.place): \(fix.message)")) } }
    switch format {
    case .json: console.line(json(view, coverage, fixed).json())
    case .github:
      console.output(view.github)
      console.note(summary(findings, workspace, fixed))
      for line in coverage.lines { console.note(line) }
    case .sarif:
      let renderer = SARIFRenderer(version: VersionCommand.version)
      console.line(renderer.render(view.findings, sources: view.sources, limit: limit).json())
    case .junit:
      console.output(
        JUnitRenderer().render(view.findings, sources: view.sources, countsWarnings: deniesWarnings, limit: limit))
    case .text:
      console.output(view.text)
      if !view.findings.isEmpty { console.line("") }
      console.line(summary(findings, workspace, fixed))
      for line in coverage.lines { console.line(line) }
      let fixable = findings.sorted.count { $0.fixIt?.applicability == .safe }
      if fixable > 0, !isFixing {
        console.note("\(counted(fixable, "finding")) can be fixed by datahub validate --fix")
      }
    }
  }

  private func json(_ view: FindingsView, _ coverage: CoverageView, _ fixed: [FixRun.Fixed]) -> Value {
    let done = fixed.map { Value.map(ValueMap([("place", .string($0.place)), ("message", .string($0.message))])) }
    return .map(ValueMap(view.json + [("coverage", coverage.json)] + (isFixing ? [("fixed", .list(done))] : [])))
  }

  private func summary(_ findings: Diagnostics, _ workspace: Workspace?, _ fixed: [FixRun.Fixed]) -> String {
    let done = fixed.isEmpty ? "" : "\(counted(fixed.count, "finding")) fixed; "
    guard findings.isEmpty else { return done + findings.summaryLine }
    let resources = counted(workspace?.resources.count ?? 0, "resource")
    return done + "no findings: \(resources) in \(counted(workspace?.sources.files.count ?? 0, "file"))"
  }
}
