import Declarations
import Diagnostics
import Plans
import Resolving
import Values
import YAMLSyntax

/// `datahub test`: runs hub tests, offline.
struct TestCommand: Command {
  /// How results are written.
  enum Format: String, CaseIterable {
    case text
    case json
    case junit
  }

  static let form = CommandForm(
    name: "test", summary: "Run the project's hub tests, offline: records given, requests expected.",
    discussion: """
      Goes through a hub's own selection, mapping and requests; needs no store, no network and no secret. Documents that are \
      not as the target's schema says fail a test; records that are not as the source's says are told. Ends with 1 where a test \
      fails; with --update, where one still fails afterwards.
      """,
    arguments: [.rest("NAME", "Only these hub tests, or the tests of these hubs.")],
    options: [
      .value(
        "format", "FORMAT", "How results are written.", default: "text", choices: Format.allCases.map(\.rawValue)),
      .flag("coverage", "Say which fields of each hub's documents no test looks at, and which branches none takes."),
      .value("minimum", "PERCENT", "With --coverage: end with 1 where a hub has less of its fields looked at."),
      .value("minimum-branches", "PERCENT", "With --coverage: end with 1 where a hub has less of its branches taken."),
      .flag("deny-warnings", "End with 1 where a given record is not as its schema says, too."),
      .flag("update", "Write what came out into the files as what is expected, after you have read it."),
    ],
    examples: [
      .init("datahub test", "Every hub test."),
      .init("datahub test orders --coverage", "The tests of one hub, and which fields they leave out."),
      .init("datahub test --format junit", "A report for a CI server."),
    ])

  private let names: [String]
  private let format: Format?
  private let showsCoverage: Bool
  private let minimum: Int?
  private let minimumBranches: Int?
  private let updates: Bool
  private let deniesWarnings: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    names = arguments.arguments("NAME")
    format = arguments.value("format").flatMap { Format(rawValue: $0) }
    showsCoverage = arguments.flag("coverage")
    updates = arguments.flag("update")
    deniesWarnings = arguments.flag("deny-warnings")
    minimum =
      arguments.value("minimum") == nil ? nil : try arguments.integer("minimum", in: 0...100, default: 0)
    minimumBranches =
      arguments.value("minimum-branches") == nil
      ? nil : try arguments.integer("minimum-branches", in: 0...100, default: 0)
    for (name, value) in [("minimum", minimum), ("minimum-branches", minimumBranches)]
    where value != nil && !showsCoverage {
      throw UsageError("'--\(name)' goes with '--coverage'", help: "add --coverage")
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    // What a test does not expect yet is what an update is for.
    let compiled = try Compiler(context: context).compile(accepting: updates ? [.expectsNothing] : [])
    let runner = HubTests(workspace: compiled.workspace, plan: compiled.plan)
    let results = try await run(try chosen(compiled.workspace), runner)
    if updates { return try await update(results, compiled.workspace, context) }
    let coverage = showsCoverage ? try await coverage(results, runner) : []
    show(results, coverage, context.console)
    let isEnough = warn(coverage, context.console)
    let isDenied = deniesWarnings && results.contains { !$0.warnings.isEmpty }
    return results.allSatisfy(\.passed) && isEnough && !isDenied ? .done : .findings
  }

  /// Says which hubs have less coverage than was asked for; true where none has.
  private func warn(_ coverage: [TestCoverage], _ console: Console) -> Bool {
    let few = coverage.filter { isTooLittle($0.percent, minimum) }.map(\.hub)
    if !few.isEmpty {
      console.warn("less than \(minimum ?? 0) % of the fields are looked at: \(few.joined(separator: ", "))")
    }
    let narrow = coverage.filter { isTooLittle($0.branchPercent, minimumBranches) }.map(\.hub)
    if !narrow.isEmpty {
      console.warn("less than \(minimumBranches ?? 0) % of the branches are taken: \(narrow.joined(separator: ", "))")
    }
    return few.isEmpty && narrow.isEmpty
  }

  private func isTooLittle(_ percent: Int, _ minimum: Int?) -> Bool { percent < minimum ?? 0 }

  func chosen(_ workspace: Workspace) throws -> [Declaration] {
    let all = workspace.all(.hubTest)
    for name in names where !all.contains(where: { $0.name == name || $0.spec.text("hub") == name }) {
      let known = all.map(\.name) + workspace.names(.hub)
      throw CommandFailure(
        .usage, "there is no hub test '\(name)', nor a hub with tests of that name",
        help: didYouMean(name, among: known).map { "did you mean '\($0)'?" })
    }
    if names.isEmpty { return all }
    return all.filter { names.contains($0.name) || names.contains($0.spec.text("hub") ?? "") }
  }

  /// All of them at once; the results in the order of their names.
  func run(_ tests: [Declaration], _ runner: HubTests) async throws -> [HubTestResult] {
    try await withThrowingTaskGroup(of: HubTestResult.self) { group in
      for test in tests { group.addTask { try await runner.run(test) } }
      var results: [HubTestResult] = []
      for try await result in group { results.append(result) }
      return results.sorted { $0.name < $1.name }
    }
  }

  // MARK: - View

  private func show(_ results: [HubTestResult], _ coverage: [TestCoverage], _ console: Console) {
    switch format ?? (console.format == .json ? .json : .text) {
    case .text:
      for result in results { show(result, console) }
      let failed = results.count { !$0.passed }
      console.line(
        results.isEmpty
          ? "there are no hub tests"
          : "\(counted(results.count, "hub test")), \(failed == 0 ? "all passed" : "\(failed) failed")")
      show(coverage, console)
    case .json:
      var entries: [(String, Value)] = [("tests", .list(results.map { json($0) }))]
      if showsCoverage { entries.append(("coverage", .list(coverage.map(\.value)))) }
      console.line(Value.map(ValueMap(entries)).json())
    case .junit: console.output(junit(results, coverage))
    }
  }

  /// One test, and why it failed.
  func show(_ result: HubTestResult, _ console: Console) {
    console.line("\(result.passed ? "✔" : "✘") \(result.name) (\(result.hub)), \(milliseconds(result.seconds))")
    if !result.passed { console.line("  at \(result.place)") }
    for failure in result.failures.prefix(50) {
      console.line(failure.split(separator: "\n").map { "    " + printable(String($0)) }.joined(separator: "\n"))
    }
    if result.failures.count > 50 { console.line("    and \(result.failures.count - 50) more") }
    for warning in result.warnings.prefix(10) { console.line("  ! " + printable(warning)) }
    if result.warnings.count > 10 { console.line("  ! and \(result.warnings.count - 10) more") }
  }

  private func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1_000).rounded(.up))) ms" }

  private func json(_ result: HubTestResult) -> Value {
    .map(
      ValueMap([
        ("name", .string(result.name)), ("hub", .string(result.hub)), ("passed", .bool(result.passed)),
        ("place", .string(result.place)), ("seconds", .double(result.seconds)),
        ("failures", .list(result.failures.map { .string($0) })),
        ("warnings", .list(result.warnings.map { .string($0) })),
      ]))
  }

  private func junit(_ results: [HubTestResult], _ coverage: [TestCoverage]) -> String {
    let tests = results.map { result in
      let first = result.failures.first?.split(separator: "\n").first
      return JUnitReport.Case(
        group: result.hub, name: result.name, seconds: result.seconds,
        failure: first.map { (nil, String($0), result.failures.joined(separator: "\n")) })
    }
    return JUnitReport(suite: "datahub test", cases: tests + coverage.flatMap { cases($0) }).text
  }

  /// One case for the fields and one for the branches; they fail where there is less than was asked for.
  private func cases(_ hub: TestCoverage) -> [JUnitReport.Case] {
    func one(_ name: String, _ line: String, _ missing: [String], _ fails: Bool) -> JUnitReport.Case {
      var item = JUnitReport.Case(group: hub.hub, name: name)
      let text = ([line] + missing).joined(separator: "\n")
      if fails { item.failure = ("coverage", line, text) } else { item.output = text }
      return item
    }
    return [
      one("coverage of fields", fieldLine(hub), hub.missing, isTooLittle(hub.percent, minimum)),
      one(
        "coverage of branches", branchLine(hub), hub.missingBranches.map(\.description),
        isTooLittle(hub.branchPercent, minimumBranches)),
    ]
  }

  // MARK: - Coverage

  private func coverage(_ results: [HubTestResult], _ runner: HubTests) async throws -> [TestCoverage] {
    var coverage: [TestCoverage] = []
    for hub in runner.plan.hubs where names.isEmpty || results.contains(where: { $0.hub == hub.name }) {
      coverage.append(
        TestCoverage(
          hub, results.filter { $0.hub == hub.name }, branches: try await runner.branches(of: hub), runner.workspace))
    }
    return coverage
  }

  private func show(_ coverage: [TestCoverage], _ console: Console) {
    for hub in coverage {
      console.line("\(hub.hub): \(fieldLine(hub)); \(branchLine(hub))")
      for path in hub.missing { console.line("  not looked at: \(path)") }
      for branch in hub.missingBranches { console.line("  " + printable(branch.description)) }
    }
  }

  private func fieldLine(_ hub: TestCoverage) -> String {
    "\(hub.fields - hub.missing.count) of \(counted(hub.fields, "field")) looked at, \(hub.percent) %"
  }

  private func branchLine(_ hub: TestCoverage) -> String {
    let taken = hub.branches - hub.missingBranches.count
    return "\(taken) of \(counted(hub.branches, "branch", "branches")) taken, \(hub.branchPercent) %"
  }
}
