import Checking
import Connecting
import Declarations
import Diagnostics
import Expressions
import Keeping
import Plans
import Resolving
import Running
import Schemas
import SourceText
import Values
import YAMLSyntax

/// What became of one hub test.
struct HubTestResult: Sendable {
  let name: String
  let hub: String
  /// Where the test is declared.
  let place: String
  /// What was not as expected, a line or more each; empty where the test passed.
  let failures: [String]
  /// What the given records have that the source's schema does not take, a line each.
  let warnings: [String]
  let seconds: Double
  /// The leaves of the hub's documents that the test looks at: `lines[].sku`.
  let asserted: Set<String>
  /// What came out, as an `expect` would say it.
  let actual: Value
  /// The documents that came out.
  let documents: [Value]
  /// The branches that were taken, in fields the test looks at.
  let taken: Set<Branch>

  var passed: Bool { failures.isEmpty }
}

/// Runs hub tests of a compiled project.
struct HubTests: Sendable {
  let workspace: Workspace
  let plan: ExecutionPlan
  let schemas: SchemaLibrary

  init(workspace: Workspace, plan: ExecutionPlan) {
    self.workspace = workspace
    self.plan = plan
    schemas = SchemaLibrary(workspace)
  }

  /// Runs one test.
  func run(_ test: Declaration) async throws -> HubTestResult {
    let start = ContinuousClock.now
    let spec = test.spec
    guard let name = spec.text("hub"), let hub = plan.hub(name) else {
      throw CommandFailure(.findings, "hub test '\(test.name)' names no hub that is compiled")
    }
    let clock = spec.text("clock").flatMap { Timestamp($0) } ?? HubTests.usualClock
    let branches = BranchRecorder()
    let trial = try HubTrial(
      hub, of: plan, tables: CodeTables(plan.valueMappings ?? [], replacing: replacements(spec)),
      records: kept(spec), now: clock, branches: branches)
    let records = try records(test)
    let outcome = try await trial.run(records, delivered: delivered(spec))
    let comparison = HubTestComparison(expect: spec.child("expect"), outcome: outcome)
    let (record, document) = schemas.schemas(ofHub: name)
    let spent = ContinuousClock.now - start
    return HubTestResult(
      name: test.name, hub: name, place: place(test.nameSpan, workspace.sources),
      failures: comparison.failures + misfits(outcome.documents, "documents", document),
      warnings: misfits(records, "records", record),
      seconds: Double(spent.components.seconds) + Double(spent.components.attoseconds) / 1e18,
      asserted: comparison.asserted, actual: comparison.actual, documents: outcome.documents,
      taken: MappingPlaces(hub.mapping).lookedAt(comparison.looked, of: branches.taken))
  }

  /// Every branch of a hub's selection and mapping.
  func branches(of hub: HubPlan) async throws -> [Branch] {
    let branches = BranchRecorder()
    let trial = try HubTrial(
      hub, of: plan, tables: CodeTables(plan.valueMappings ?? []), records: GivenRecords([:]),
      now: HubTests.usualClock, branches: branches)
    await trial.close()
    return branches.branches
  }

  /// What in values is not as a schema says, a line each.
  private func misfits(_ values: [Value], _ name: String, _ schema: Schema?) -> [String] {
    guard let schema else { return [] }
    return values.enumerated().flatMap { index, value in
      schema.problems(in: value, isClosed: true).map { problem in
        let separator = problem.path.isEmpty || problem.path.hasPrefix("[") ? "" : "."
        let help = problem.help.map { "; \($0)" } ?? ""
        return "\(name)[\(index)]\(separator)\(problem.path): \(problem.message), as \(schema.name) has it\(help)"
      }
    }
  }

  /// 2026-01-01T00:00:00Z, where a test says nothing else.
  private static let usualClock = Timestamp(seconds: 1_767_225_600, nanoseconds: 0)

  private func replacements(_ spec: YAMLNode) -> [String: [String: Value]] {
    var tables: [String: [String: Value]] = [:]
    for table in spec.child("values")?.entries ?? [] {
      tables[table.keyText] = Dictionary(
        (table.value.entries ?? []).map { ($0.keyText, $0.value.value) }, uniquingKeysWith: { $1 })
    }
    return tables
  }

  private func delivered(_ spec: YAMLNode) -> [String: Delivered] {
    Dictionary(
      (spec.child("delivered")?.entries ?? []).map { ($0.keyText, delivery($0.value)) }, uniquingKeysWith: { $1 })
  }

  private func delivery(_ node: YAMLNode) -> Delivered {
    Delivered(revision: node.integer("revision") ?? 1, id: node.text("id"))
  }

  /// What `find()` sees.
  private func kept(_ spec: YAMLNode) -> GivenRecords {
    var records: [String: [FoundRecord]] = [:]
    for hub in spec.child("find")?.entries ?? [] {
      records[hub.keyText] = (hub.value.items ?? []).enumerated().map { index, item in
        let delivered = item.child("delivered").map { delivery($0) }
        return FoundRecord(
          key: item.text("key") ?? "\(index + 1)",
          state: item.text("state").flatMap { RecordState(name: $0) } ?? (delivered == nil ? .pending : .done),
          content: item.child("record")?.value ?? .null, delivered: delivered)
      }
    }
    return GivenRecords(records)
  }

  private func records(_ test: Declaration) throws -> [Value] {
    if let items = test.spec.child("records")?.items { return items.map(\.value) }
    guard let node = test.spec.child("file"), let file = workspace.file(namedBy: node) else { return [] }
    var parser = JSONParser()
    return try file.bytes.split(separator: 0x0A).enumerated().compactMap { index, line in
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return nil }
      do throws(JSONError) {
        return try parser.parse(Array(line))
      } catch {
        throw CommandFailure(.findings, "\(file.path):\(index + 1) is not JSON: \(error)")
      }
    }
  }
}

/// What came out beside what was expected.
struct HubTestComparison {
  private(set) var failures: [String] = []
  private(set) var asserted: Set<String> = []
  /// The places in documents that the test looks at: leaves, what they stand in, and fields expected to fail.
  private(set) var looked: Set<String> = []
  let actual: Value

  init(expect: YAMLNode?, outcome: HubTrial.Outcome) {
    let requests = outcome.requests.map { HubTestComparison.value(of: $0) }
    actual = HubTestComparison.expectation(outcome, requests)
    let isWhole = expect?.text("match") != "subset"
    if let wanted = expect?.child("documents")?.items?.map(\.value) {
      compare(outcome.documents, wanted, "documents", isWhole: isWhole)
      for (document, expected) in zip(outcome.documents, wanted) {
        look(at: isWhole ? document : expected)
      }
    }
    if let wanted = expect?.child("requests")?.items?.map(\.value) {
      compare(requests, wanted, "requests", isWhole: isWhole, topIsSubset: true)
      // A whole body holds every document that went into it.
      if isWhole, wanted.contains(where: { $0["body"] != nil }) {
        for document in outcome.documents { look(at: document) }
      }
    }
    if let wanted = expect?.child("filtered")?.items {
      let keys = wanted.map { $0.scalar?.text ?? $0.value.json() }
      if keys != outcome.filtered {
        failures.append("filtered: expected \(list(keys)), got \(list(outcome.filtered))")
      }
    } else if !outcome.filtered.isEmpty, expect?.child("documents") == nil, expect?.child("requests") == nil {
      failures.append("filtered: nothing was expected, got \(list(outcome.filtered))")
    }
    compare(outcome.waiting, expect?.child("waiting")?.items ?? [], "waiting", "waits")
    compare(outcome.failures, expect?.child("errors")?.items ?? [], "errors", "failed")
  }

  private mutating func look(at document: Value) {
    asserted.formUnion(leafPaths(of: document))
    looked.formUnion(allPaths(of: document))
  }

  private func list(_ keys: [String]) -> String { keys.isEmpty ? "none" : keys.joined(separator: ", ") }

  private mutating func compare(
    _ got: [Value], _ wanted: [Value], _ name: String, isWhole: Bool, topIsSubset: Bool = false
  ) {
    if got.count != wanted.count { failures.append("\(name): expected \(wanted.count), got \(got.count)") }
    for (index, pair) in zip(got, wanted).enumerated() {
      let path = "\(name)[\(index)]"
      if topIsSubset {
        for (key, value) in pair.1.mapValue?.entries ?? [] {
          guard case .string(let field) = key else { continue }
          // Headers and parameters of the URL are always compared by those that are named.
          let isPart = field == "headers" || field == "query"
          difference(
            pair.0[field] ?? .null, value, "\(path).\(field)", isWhole: isWhole && !isPart, into: &failures)
        }
      } else {
        difference(pair.0, pair.1, path, isWhole: isWhole, into: &failures)
      }
    }
    for extra in got.dropFirst(wanted.count) { failures.append("\(name): not expected: \(shortened(extra))") }
    for missing in wanted.dropFirst(got.count) { failures.append("\(name): missing: \(shortened(missing))") }
  }

  private mutating func compare(
    _ got: [(key: String, failure: Failure)], _ wanted: [YAMLNode], _ name: String, _ verb: String
  ) {
    var left = got
    for (index, expected) in wanted.enumerated() {
      let match = left.firstIndex { item in
        let key = expected.child("key").map { $0.scalar?.text ?? $0.value.json() }
        return (key == nil || key == item.key)
          && expected.text("field").map { $0 == item.failure.field } ?? true
          && expected.text("message").map { item.failure.message.contains($0) } ?? true
      }
      if let match {
        if expected.child("field") != nil, let field = left[match].failure.field {
          looked.insert(field.replacing(/\[\d+\]/, with: "[]"))
        }
        left.remove(at: match)
      } else {
        failures.append("\(name)[\(index)]: no record \(verb) like \(shortened(expected.value))")
      }
    }
    for item in left {
      failures.append("\(name): '\(item.key)' \(verb) and was not expected to: \(item.failure.message)")
    }
  }

  // MARK: - What came out

  private static func expectation(_ outcome: HubTrial.Outcome, _ requests: [Value]) -> Value {
    var entries: [(String, Value)] = [("requests", .list(requests))]
    if !outcome.filtered.isEmpty { entries.append(("filtered", .list(outcome.filtered.map { .string($0) }))) }
    for (name, items) in [("waiting", outcome.waiting), ("errors", outcome.failures)] where !items.isEmpty {
      let errors = items.map { item in
        var fields: [(String, Value)] = [("key", .string(item.key))]
        if let field = item.failure.field { fields.append(("field", .string(field))) }
        fields.append(("message", .string(item.failure.message)))
        return Value.map(ValueMap(fields))
      }
      entries.append((name, .list(errors)))
    }
    return .map(ValueMap(entries))
  }

  private static func value(of request: RenderedRequest) -> Value {
    var entries: [(String, Value)] = [("method", .string(request.method)), ("path", .string(request.path))]
    func fields(_ texts: [NamedText]) -> Value { .map(ValueMap(texts.map { ($0.name, .string($0.value)) })) }
    if !request.query.isEmpty { entries.append(("query", fields(request.query))) }
    if !request.headers.isEmpty { entries.append(("headers", fields(request.headers))) }
    if let body = request.body {
      entries.append(("body", (try? Value(jsonBytes: body)) ?? .string(String(decoding: body, as: UTF8.self))))
    }
    return .map(ValueMap(entries))
  }
}

/// Finds where a value is not as expected; numbers are equal where their amounts are.
///
/// - Parameter isWhole: whether a map may hold nothing besides what is expected of it.
func difference(_ got: Value, _ wanted: Value, _ path: String, isWhole: Bool, into found: inout [String]) {
  switch (got, wanted) {
  case (.map(let mine), .map(let theirs)):
    for (key, value) in theirs.entries {
      let place = "\(path).\(key.text)"
      if let own = mine[key] {
        difference(own, value, place, isWhole: isWhole, into: &found)
      } else {
        found.append("\(place)\n  expected \(shortened(value))\n  got      nothing")
      }
    }
    for (key, value) in mine.entries where isWhole && theirs[key] == nil {
      found.append("\(path).\(key.text)\n  expected nothing\n  got      \(shortened(value))")
    }
  case (.list(let mine), .list(let theirs)):
    if mine.count != theirs.count {
      found.append(
        "\(path)\n  expected \(counted(theirs.count, "element"))\n  got      \(counted(mine.count, "element"))")
    }
    for (index, pair) in zip(mine, theirs).enumerated() {
      difference(pair.0, pair.1, "\(path)[\(index)]", isWhole: isWhole, into: &found)
    }
  default:
    if got != wanted { found.append("\(path)\n  expected \(shortened(wanted))\n  got      \(shortened(got))") }
  }
}

/// The leaves of a document, elements of a list counted as one: `lines[].sku`.
func leafPaths(of value: Value, at path: String = "") -> Set<String> {
  switch value {
  case .map(let map):
    map.entries.reduce(into: Set<String>()) { paths, entry in
      paths.formUnion(leafPaths(of: entry.value, at: path.isEmpty ? entry.key.text : "\(path).\(entry.key.text)"))
    }
  case .list(let items): items.reduce(into: Set<String>()) { $0.formUnion(leafPaths(of: $1, at: path + "[]")) }
  default: [path]
  }
}

/// Everything in a document by its path, what holds the leaves as well; elements of a list counted as one.
func allPaths(of value: Value, at path: String = "") -> Set<String> {
  switch value {
  case .map(let map):
    map.entries.reduce(into: [path]) { paths, entry in
      paths.formUnion(allPaths(of: entry.value, at: path.isEmpty ? entry.key.text : "\(path).\(entry.key.text)"))
    }
  case .list(let items): items.reduce(into: [path]) { $0.formUnion(allPaths(of: $1, at: path + "[]")) }
  default: [path]
  }
}

/// The leaves that a mapping writes, with the paths that ``leafPaths(of:at:)`` gives its documents; loops count once.
func mappedLeaves(of template: Value, at path: String = "") -> Set<String> {
  switch template {
  case .map(let map):
    if let emit = template["emit"], template["each"] != nil { return mappedLeaves(of: emit, at: path + "[]") }
    return map.entries.reduce(into: Set<String>()) { paths, entry in
      paths.formUnion(mappedLeaves(of: entry.value, at: path.isEmpty ? entry.key.text : "\(path).\(entry.key.text)"))
    }
  case .list(let items):
    return items.reduce(into: Set<String>()) { $0.formUnion(mappedLeaves(of: $1, at: path + "[]")) }
  default: return [path]
  }
}

/// The texts of a mapping by their places in it, with the fields of the document that come of them.
struct MappingPlaces {
  /// For `lines.emit.price` the field `lines[].price`.
  private(set) var fields: [String: String] = [:]

  init(_ mapping: Value) { visit(mapping, "", "") }

  private mutating func visit(_ template: Value, _ place: String, _ field: String) {
    let start = place.isEmpty ? "" : place + "."
    switch template {
    case .map(let map):
      let isLoop = template["each"] != nil && template["emit"] != nil
      for (key, value) in map.entries {
        let name = key.text
        let inner = isLoop ? (name == "emit" ? field + "[]" : field) : field.isEmpty ? name : "\(field).\(name)"
        visit(value, start + name, inner)
      }
    case .list(let items):
      for (index, item) in items.enumerated() { visit(item, "\(place)[\(index)]", field + "[]") }
    default: fields[place] = field
    }
  }

  /// Those branches that a test which looks at some places of the documents can tell from their alternatives.
  func lookedAt(_ looked: Set<String>, of taken: Set<Branch>) -> Set<Branch> {
    taken.filter { branch in
      // Whether a record is selected shows in what is sent.
      guard branch.place != HubTrial.selectPlace, let field = fields[branch.place] else { return true }
      return looked.contains(field) || looked.contains { $0.hasPrefix(field + ".") || $0.hasPrefix(field + "[]") }
    }
  }
}

private func shortened(_ value: Value) -> String {
  let text = printable(value.json())
  return text.count <= 200 ? text : text.prefix(199) + "…"
}

extension MapKey {
  fileprivate var text: String { if case .string(let name) = self { name } else { value.json() } }
}
