import Diagnostics
import Keeping
import Plans
import Running
import Values

/// One entry of a value mapping with where it comes from.
struct ValueRow: Sendable, Encodable {
  enum Origin: String, Sendable, CaseIterable, Encodable {
    /// In the project's files.
    case declared
    /// In the store.
    case kept
    /// In the store, over a declared one.
    case overriding
  }

  let code: String
  let label: String?
  let value: Value
  let valueLabel: String?
  let origin: Origin
  /// What is declared for the code, where that does not count.
  let declared: Value?
  let changedAt: String?
  let changedBy: String?
}

/// A value mapping as it counts now: what is declared in the plan, and over it what is kept in the store.
struct ValueTable: Sendable {
  let plan: ValueMappingPlan
  let rows: [ValueRow]

  init(_ plan: ValueMappingPlan, _ kept: [KeptEntry]) {
    self.plan = plan
    let declared = plan.declaredEntries
    var rows: [String: ValueRow] = [:]
    for (code, value) in declared {
      rows[code] = ValueRow(
        code: code, label: plan.labels[code], value: value, valueLabel: nil, origin: .declared, declared: nil,
        changedAt: nil, changedBy: nil)
    }
    // A locked table has none that count; they may be left from before it was locked.
    for entry in plan.isLocked == true ? [] : kept {
      rows[entry.code] = ValueRow(
        code: entry.code, label: entry.label ?? plan.labels[entry.code], value: entry.value,
        valueLabel: entry.valueLabel, origin: declared[entry.code] == nil ? .kept : .overriding,
        declared: declared[entry.code], changedAt: entry.changedAt, changedBy: entry.changedBy)
    }
    self.rows = rows.values.sorted { $0.code < $1.code }
  }

  /// The table of a deployed mapping.
  static func read(_ name: String, _ open: OpenStore) async throws -> ValueTable {
    let plan = try await mapping(name, open)
    return ValueTable(plan, try await CodeTables.kept(of: name, in: open.store))
  }

  /// A mapping of the plan in force.
  static func mapping(_ name: String, _ open: OpenStore) async throws -> ValueMappingPlan {
    let plan = try await open.deployedPlan().plan
    let mappings = plan.valueMappings ?? []
    if let found = mappings.first(where: { $0.name == name }) { return found }
    let names = mappings.map(\.name)
    throw CommandFailure(
      .usage, "no value mapping '\(name)' is deployed in '\(plan.environment)'",
      help: didYouMean(name, among: names).map { "did you mean '\($0)'?" }
        ?? (names.isEmpty ? "the deployed plan has none" : "there is \(names.prefix(20).joined(separator: ", "))"))
  }

  /// - Throws: where only what is declared counts.
  static func requireOpen(_ plan: ValueMappingPlan) throws {
    guard plan.isLocked == true else { return }
    throw CommandFailure(
      .findings, "value mapping '\(plan.name)' is locked: only what its file declares counts",
      help: "change the file and apply it, or take 'locked' out of it")
  }
}

extension Value {
  /// A value as a person reads it: a text as it is, else JSON.
  var shown: String { stringValue ?? json() }
}
