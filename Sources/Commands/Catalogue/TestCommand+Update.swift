import Checking
import Declarations
import Diagnostics
import Resolving
import SourceText
import Values
import YAMLSyntax

/// `datahub test --update`: what came out becomes what is expected.
extension TestCommand {
  /// Texts of a file that are replaced.
  private struct Change {
    var edits: [LeafEdits.Edit] = []
    var tests = 0
  }

  /// Writes what came out into the tests that failed or expect nothing, and runs them again.
  ///
  /// Where only single values differ, these are replaced; else all of `expect` is.
  func update(
    _ results: [HubTestResult], _ workspace: Workspace, _ context: CommandContext
  ) async throws -> ExitCode {
    var changes: [FileID: Change] = [:]
    var isComplete = true
    for result in results {
      guard let test = workspace[.hubTest, result.name] else { continue }
      if result.passed, !expectsNothing(test) { continue }
      guard let (file, edits) = edits(of: test, result, workspace) else {
        isComplete = false
        context.console.warn(
          "hub test '\(result.name)' inherits what it expects, or is in braces; write an 'expect' of its own")
        continue
      }
      changes[file, default: Change()].edits += edits
      changes[file, default: Change()].tests += 1
    }
    for (id, change) in changes.sorted(by: { $0.key < $1.key }) {
      try write(change, workspace.sources[id], context)
    }
    if changes.isEmpty {
      if isComplete { context.console.line("nothing to update: every hub test passes") }
      return isComplete ? .done : .findings
    }
    return try await runAgain(context) && isComplete ? .done : .findings
  }

  /// Runs the tests as they are now; says what still fails.
  private func runAgain(_ context: CommandContext) async throws -> Bool {
    let compiled = try Compiler(context: context).compile(accepting: [.expectsNothing], isQuiet: true)
    let runner = HubTests(workspace: compiled.workspace, plan: compiled.plan)
    let failed = try await run(try chosen(compiled.workspace), runner).filter { !$0.passed }
    for result in failed { show(result, context.console) }
    if !failed.isEmpty {
      context.console.warn("\(counted(failed.count, "hub test")) still \(failed.count == 1 ? "fails" : "fail")")
    }
    return failed.isEmpty
  }

  /// What to write for a test, and into which file; nil where there is no place for it.
  private func edits(
    of test: Declaration, _ result: HubTestResult, _ workspace: Workspace
  ) -> (FileID, [LeafEdits.Edit])? {
    guard let own = workspace.declaration(test.address)?.spec else { return nil }
    guard let expect = own["expect"] else {
      return test.spec["expect"] == nil ? added(to: own, result, workspace) : nil
    }
    let span = expect.value.span.range
    let start = expect.key.span.range.upperBound
    var end = max(start, span.upperBound)
    if let last = expect.value.entries?.last, span.contains(last.value.span.range.lowerBound) {
      end = max(end, last.value.span.range.upperBound)
    }
    let file = workspace.sources[expect.key.span.file]
    if let leaves = LeafEdits.edits(expect.value, result, within: start..<end) { return (file.id, leaves) }
    let indent = file.position(at: expect.key.span.range.lowerBound).column + 1
    return (file.id, [(start..<end, ":\n" + yamlLines(result.actual, indent: indent))])
  }

  /// An `expect` behind the last field of a test that has none.
  private func added(
    to spec: YAMLNode, _ result: HubTestResult, _ workspace: Workspace
  ) -> (FileID, [LeafEdits.Edit])? {
    let file = workspace.sources[spec.span.file]
    guard let entries = spec.entries, let first = entries.first?.key.span.range.lowerBound,
      first == spec.span.range.lowerBound, let last = entries.last
    else { return nil }
    let column = file.position(at: first).column
    var end = max(last.key.span.range.upperBound, last.value.span.range.upperBound)
    while end > first, [0x0A, 0x0D, 0x20].contains(file.bytes[end - 1]) { end -= 1 }
    // A comment behind the value stays with it.
    end = file.bytes[end...].firstIndex(of: 0x0A) ?? file.bytes.endIndex
    let margin = String(repeating: " ", count: column - 1)
    return (file.id, [(end..<end, "\n\(margin)expect:\n" + yamlLines(result.actual, indent: column + 1))])
  }

  private func write(_ change: Change, _ file: SourceFile, _ context: CommandContext) throws {
    var bytes = file.bytes
    for edit in change.edits.sorted(by: { $0.range.lowerBound > $1.range.lowerBound }) {
      // A block's range reaches to the line after it: that line break stays.
      var end = edit.range.upperBound
      while end > edit.range.lowerBound, [0x0A, 0x0D, 0x20].contains(bytes[end - 1]) { end -= 1 }
      bytes.replaceSubrange(edit.range.lowerBound..<end, with: Array(edit.text.utf8))
    }
    guard keepsTheRest(file, bytes) else {
      throw CommandFailure(
        .findings, "'\(file.path)' is not changed: what came out cannot be put where its 'expect' stands",
        help: "write 'expect' in lines of its own, without braces around it, and try again")
    }
    do throws(FileProblem) {
      try FileAccess.replace(context.surroundings.absolute(file.path), file.bytes, by: bytes)
    } catch {
      throw CommandFailure(.findings, "'\(file.path)' cannot be written: \(error)")
    }
    context.console.line("\(file.path): \(counted(change.tests, "hub test")) updated")
  }

  /// Whether a file can be read after an update, and says the same but for what its tests expect.
  private func keepsTheRest(_ file: SourceFile, _ bytes: [UInt8]) -> Bool {
    var sources = SourceCollection()
    let updated = parseYAML(sources.add(path: file.path, bytes: bytes))
    guard !updated.diagnostics.hasErrors, let after = updated.value, let before = parseYAML(file).value else {
      return false
    }
    func rest(_ document: Value?) -> Value? {
      guard let root = document?.mapValue, let spec = root["spec"]?.mapValue, root["kind"] == "HubTest" else {
        return document
      }
      return .map(root.setting("spec", to: .map(spec.setting("expect", to: .null))))
    }
    return before.map { rest($0.root?.value) } == after.map { rest($0.root?.value) }
  }

  /// A value as lines of YAML, without a line break at the end.
  private func yamlLines(_ value: Value, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    switch value {
    case .map(let map):
      return map.entries.map { key, value in
        margin + yamlScalar(key.value.stringValue ?? key.value.json()) + ":" + yamlEntry(value, indent: indent)
      }.joined(separator: "\n")
    case .list(let items):
      return items.map { item in
        guard let map = item.mapValue, map.count > 0 else { return margin + "-" + yamlEntry(item, indent: indent) }
        return margin + "- " + yamlLines(item, indent: indent + 2).dropFirst(indent + 2)
      }.joined(separator: "\n")
    default: return margin + yamlLeaf(value)
    }
  }

  private func yamlEntry(_ value: Value, indent: Int) -> String {
    switch value {
    case .map(let map) where map.count > 0: "\n" + yamlLines(value, indent: indent + 2)
    case .list(let items) where !items.isEmpty: "\n" + yamlLines(value, indent: indent + 2)
    default: " " + yamlLeaf(value)
    }
  }

  private func yamlLeaf(_ value: Value) -> String { value.stringValue.map { yamlScalar($0) } ?? value.json() }
}
