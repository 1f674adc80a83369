import Declarations
import Diagnostics
import Expressions
import Plans
import Resolving
import Running
import SourceText
import Values
import YAMLSyntax

/// How much of one hub its tests look at.
struct TestCoverage: Sendable {
  /// A branch that no test takes, in the file it is written in.
  struct MissingBranch: Sendable {
    /// The file as it is shown, the line and the column, counted from 1.
    let file: String
    let line: Int
    let column: Int
    let text: String
    let way: String

    /// Where, which part, and when it would be taken.
    var description: String { "\(file):\(line):\(column): never \(way): \(text)" }
  }

  let hub: String
  /// How many fields its documents have.
  let fields: Int
  /// Those that no test looks at.
  let missing: [String]
  /// How many branches its selection and mapping have.
  let branches: Int
  let missingBranches: [MissingBranch]

  var percent: Int { TestCoverage.percent(missing.count, of: fields) }
  var branchPercent: Int { TestCoverage.percent(missingBranches.count, of: branches) }

  private static func percent(_ missing: Int, of all: Int) -> Int { all == 0 ? 100 : (all - missing) * 100 / all }

  /// The coverage of a hub by the results of its tests.
  init(_ hub: HubPlan, _ results: [HubTestResult], branches: [Branch], _ workspace: Workspace) {
    self.hub = hub.name
    let leaves = mappedLeaves(of: hub.mapping)
    let asserted = results.reduce(into: Set<String>()) { $0.formUnion($1.asserted) }
    fields = leaves.count
    // A field whose value is itself a map or a list is looked at where anything in it is.
    missing = leaves.filter { leaf in
      !asserted.contains { $0 == leaf || $0.hasPrefix(leaf + ".") || $0.hasPrefix(leaf + "[]") }
    }.sorted()
    let taken = results.reduce(into: Set<Branch>()) { $0.formUnion($1.taken) }
    self.branches = branches.count
    let places = BranchPlaces(hub.name, workspace)
    missingBranches = branches.filter { !taken.contains($0) }.map { places.missing($0) }
      .sorted { ($0.file, $0.line, $0.column, $0.way) < ($1.file, $1.line, $1.column, $1.way) }
  }

  var value: Value {
    .map(
      ValueMap([
        ("hub", .string(hub)), ("fields", .int(Int64(fields))), ("percent", .int(Int64(percent))),
        ("missing", .list(missing.map { .string($0) })), ("branches", .int(Int64(branches))),
        ("branchPercent", .int(Int64(branchPercent))),
        (
          "missingBranches",
          .list(
            missingBranches.map {
              [
                "file": .string($0.file), "line": .int(Int64($0.line)), "column": .int(Int64($0.column)),
                "text": .string($0.text), "way": .string($0.way),
              ]
            })
        ),
      ]))
  }
}

/// Where the branches of a hub are written.
private struct BranchPlaces {
  private let sources: SourceCollection
  private var nodes: [String: YAMLNode] = [:]

  init(_ hub: String, _ workspace: Workspace) {
    sources = workspace.sources
    guard let spec = workspace[.hub, hub]?.spec else { return }
    nodes[HubTrial.selectPlace] = spec.child("select")
    if let mapping = spec.child("mapping") { visit(mapping, "") }
  }

  private mutating func visit(_ node: YAMLNode, _ place: String) {
    switch node.content {
    case .mapping(let entries):
      for entry in entries { visit(entry.value, place.isEmpty ? entry.keyText : "\(place).\(entry.keyText)") }
    case .sequence(let items): for (index, item) in items.enumerated() { visit(item, "\(place)[\(index)]") }
    case .scalar: nodes[place] = node
    }
  }

  func missing(_ branch: Branch) -> TestCoverage.MissingBranch {
    let words = branch.text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let text = words.count > 100 ? words.prefix(99) + "…" : words
    guard let node = nodes[branch.place], let scalar = node.scalar else {
      return TestCoverage.MissingBranch(file: branch.place, line: 0, column: 0, text: text, way: branch.way)
    }
    let file = sources[node.span.file]
    let position = file.position(at: scalar.sourceRange(of: branch.range).lowerBound)
    return TestCoverage.MissingBranch(
      file: file.path, line: position.line, column: position.column, text: text, way: branch.way)
  }
}
