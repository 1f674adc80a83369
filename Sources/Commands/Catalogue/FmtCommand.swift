import Declarations
import Diagnostics
import Resolving
import SourceText
import Values
import YAMLSyntax

/// `datahub fmt`: puts resource files into canonical form.
struct FmtCommand: Command {
  static let form = CommandForm(
    name: "fmt", summary: "Put resource files into canonical form: order of keys, indentation, quotes; comments stay.",
    discussion: """
      A file is written only where the result was read again and found to have the same values, anchors and comments. Files \
      with errors of syntax, and such that hold anything but resources, are left as they are. Ends with 1 where a file could \
      not be formatted or, with --check and --diff, where one would change.
      """,
    arguments: [
      .rest(
        "PATH",
        "YAML files and folders of the project; the project's folder where none is named; - for the input, written to the output."
      )
    ],
    options: [
      .flag("check", "Write nothing; list the files that would change."),
      .flag("diff", "Write nothing; show what would change."),
    ],
    examples: [
      .init("datahub fmt", "Format every file of the project in this folder."),
      .init("datahub fmt --check", "Fail where a file is not in canonical form, as in continuous integration."),
      .init("datahub fmt --diff hubs", "Show what would change in a folder."),
      .init("datahub fmt - < hub.yaml", "Format the input."),
    ])

  private static let input = "-"
  private static let maximumBytes = YAMLLimits().maximumBytes

  private let paths: [String]
  private let isCheck: Bool
  private let isDiff: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    paths = arguments.arguments("PATH")
    isCheck = arguments.flag("check")
    isDiff = arguments.flag("diff")
    if paths.contains(Self.input), paths.count > 1 {
      throw UsageError("'-' stands alone", help: "format files and the input in two calls")
    }
  }

  /// What became of a file.
  private enum Outcome: String {
    case unchanged
    case formatted
    case different
    case unreadable
    case refused
    case unwritten
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    var work = Work(context: context)
    if paths == [Self.input] {
      work.add(Self.input, context.surroundings.input(Self.maximumBytes))
    } else {
      for path in try files(context, &work) { work.load(path) }
    }
    for index in work.sources.files.indices { format(work.sources.files[index], &work) }
    report(work)
    let isDifferent = work.outcomes.contains { $0.outcome == .different }
    return work.hasFailed || (isDifferent && (isCheck || isDiff)) ? .findings : .done
  }

  /// The files that are meant, each once, as they are shown.
  private func files(_ context: CommandContext, _ work: inout Work) throws -> [String] {
    let wanted = paths.isEmpty ? [context.shownProject] : paths.map { shown($0, context) }
    if !paths.isEmpty { try refuseOthers(wanted, context) }
    var files: [String] = []
    var seen: Set<String> = []
    for path in wanted {
      do {
        for file in try yamlFiles(path, context, &work) where seen.insert(file).inserted { files.append(file) }
      } catch let problem as FileProblem {
        throw CommandFailure(.findings, "the folder '\(path.isEmpty ? "." : path)' cannot be read: \(problem)")
      } catch let search as ProjectNotFound {
        throw CommandFailure(.findings, search.description, help: "name the project's folder with -C, or folders of it")
      }
    }
    return files
  }

  private func yamlFiles(_ path: String, _ context: CommandContext, _ work: inout Work) throws -> [String] {
    guard FileAccess.isFolder(context.surroundings.absolute(path)) else { return [path] }
    do {
      return try context.diskFiles.yamlFiles(in: path)
    } catch let partial as PartialListing {
      for problem in partial.problems { work.outcomes.append((path, .unreadable, problem)) }
      return partial.files
    }
  }

  /// Refuses what cannot be a project's file, before anything is written: any text is YAML of some kind.
  private func refuseOthers(_ paths: [String], _ context: CommandContext) throws {
    let project = FileAccess.realPath(context.projectFolder) ?? context.projectFolder
    for path in paths {
      let absolute = context.surroundings.absolute(path)
      // What is not there is told where it is read.
      guard let place = FileAccess.realPath(absolute) else { continue }
      let name = path.isEmpty ? "." : path
      if !FileAccess.isFolder(absolute), !path.hasSuffix(".yaml"), !path.hasSuffix(".yml") {
        throw CommandFailure(
          .usage, "'\(name)' is no .yaml or .yml file; nothing was changed",
          help: "datahub fmt formats the files that declare a project's resources")
      }
      guard place == project || place.hasPrefix(project == "/" ? "/" : project + "/") else {
        throw CommandFailure(
          .usage, "'\(name)' lies outside the project's folder '\(project)'; nothing was changed",
          help: "name the folder of its project with -C")
      }
    }
  }

  private func shown(_ path: String, _ context: CommandContext) -> String {
    shownPath(path, currentFolder: context.surroundings.currentFolder)
  }

  // MARK: - Work

  private struct Work {
    let context: CommandContext
    var sources = SourceCollection()
    var outcomes: [(path: String, outcome: Outcome, reason: String?)] = []
    var findings = Diagnostics()
    var output = ""

    init(context: CommandContext) { self.context = context }

    var hasFailed: Bool { outcomes.contains { [.unreadable, .refused, .unwritten].contains($0.outcome) } }

    mutating func add(_ path: String, _ bytes: [UInt8]) { sources.add(path: path, bytes: bytes) }

    mutating func load(_ path: String) {
      do {
        add(path, try context.diskFiles.read(path, limit: FmtCommand.maximumBytes))
      } catch {
        outcomes.append((path, .unreadable, "\(error)"))
      }
    }
  }

  private func format(_ file: SourceFile, _ work: inout Work) {
    let isInput = file.path == Self.input
    switch formatYAML(file, order: ResourceOrder.order) {
    case .unchanged:
      work.outcomes.append((file.path, .unchanged, nil))
      if isInput, !isCheck, !isDiff { work.output = file.text(file.bytes.indices) }
    case .unreadable(let diagnostics):
      work.findings.append(contentsOf: diagnostics)
      work.outcomes.append((file.path, .unreadable, nil))
    case .refused(let reason):
      work.outcomes.append((file.path, .refused, reason))
    case .changed(let bytes):
      let strangers = DeclarationReader.checkKinds(parseYAML(file).value ?? [])
      guard strangers.isEmpty else {
        work.findings.append(contentsOf: strangers)
        work.outcomes.append((file.path, .unreadable, nil))
        return
      }
      change(file, bytes, isInput, &work)
    }
  }

  private func change(_ file: SourceFile, _ bytes: [UInt8], _ isInput: Bool, _ work: inout Work) {
    let text = String(decoding: bytes, as: UTF8.self)
    if isDiff {
      let diff = UnifiedDiff(from: file.text(file.bytes.indices), to: text).text(path: isInput ? "input" : file.path)
      work.output += work.context.surroundings.isOutputTerminal ? printable(diff, keepsLines: true) : diff
    }
    if isCheck || isDiff { return work.outcomes.append((file.path, .different, nil)) }
    if isInput {
      work.output = text
      return work.outcomes.append((file.path, .formatted, nil))
    }
    do throws(FileProblem) {
      try FileAccess.replace(work.context.surroundings.absolute(file.path), file.bytes, by: bytes)
      work.outcomes.append((file.path, .formatted, nil))
    } catch {
      work.outcomes.append((file.path, .unwritten, error.description))
    }
  }

  // MARK: - View

  private func report(_ work: Work) {
    let console = work.context.console
    if !work.findings.isEmpty {
      console.message(FindingsView(work.findings.sorted, work.sources, console).messageText)
    }
    for (path, outcome, reason) in work.outcomes {
      if outcome == .unreadable || outcome == .unwritten, let reason {
        console.report(
          CommandFailure(
            .findings, reason.hasPrefix(path) || reason.hasPrefix("the folder") ? reason : "\(path): \(reason)"))
      }
      guard outcome == .refused else { continue }
      console.report(
        CommandFailure(
          .findings, "'\(path)' was left as it is: \(reason ?? "")",
          help: "the file is sound; please report it as a defect of datahub fmt"))
    }
    if console.format == .json, paths != [Self.input] { return console.line(json(work).json()) }
    console.output(work.output)
    guard paths != [Self.input] else { return }
    for (path, outcome, _) in work.outcomes where outcome == .formatted || (outcome == .different && !isDiff) {
      console.line(printable(path))
    }
    console.note(summary(work))
  }

  private func summary(_ work: Work) -> String {
    func count(_ outcome: Outcome) -> Int { work.outcomes.count { $0.outcome == outcome } }
    var parts: [String] = []
    if count(.formatted) > 0 { parts.append("\(counted(count(.formatted), "file")) formatted") }
    if count(.different) > 0 { parts.append("\(counted(count(.different), "file")) would change") }
    if count(.unreadable) > 0 { parts.append("\(counted(count(.unreadable), "file")) with errors left as they are") }
    let left = count(.refused) + count(.unwritten)
    if left > 0 { parts.append("\(counted(left, "file")) left as they are") }
    if count(.unchanged) > 0 || parts.isEmpty {
      parts.append("\(counted(count(.unchanged), "file")) in canonical form\(parts.isEmpty ? "" : " already")")
    }
    return parts.joined(separator: ", ")
  }

  private func json(_ work: Work) -> Value {
    .map(
      ValueMap([
        (
          "files",
          .list(
            work.outcomes.map { path, outcome, reason in
              .map(
                ValueMap([
                  ("file", .string(path)), ("outcome", .string(outcome.rawValue)),
                  ("reason", reason.map { .string($0) } ?? .null),
                ]))
            })
        ), ("findings", FindingsView(work.findings.sorted, work.sources, work.context.console).list),
      ]))
  }
}
