import Expressions
public import Keeping
public import Plans
import Synchronization
import Templates
public import Values

/// The value mappings of a plan, ready to be asked: what is declared, and over it what is kept in the store.
///
/// Copies are the same tables: what one of them reads anew all of them see.
public struct CodeTables: Sendable {
  private struct Table: Sendable {
    let entries: [String: Value]
    /// By what they become; nil for what several codes become.
    let codes: [String: String?]
    let onMiss: ValueMappingPlan.Miss
    let fallback: Value?

    init(_ plan: ValueMappingPlan, entries: [String: Value]) {
      self.entries = entries
      var codes: [String: String?] = [:]
      for (code, value) in entries {
        guard let text = value.interpolatedText else { continue }
        codes[text] = .some(codes[text] == nil ? code : nil)
      }
      self.codes = codes
      onMiss = plan.onMiss
      fallback = plan.fallback
    }
  }

  private final class Shared: Sendable {
    struct State {
      var tables: [String: Table]
      /// What was read from the store; nil before anything was.
      var version: Int64?
    }

    let state: Mutex<State>

    init(_ tables: [String: Table]) { state = Mutex(State(tables: tables)) }
  }

  private let shared: Shared
  private let plans: [ValueMappingPlan]

  /// The tables of a plan; some may be replaced by others, as a hub test does.
  public init(_ plans: [ValueMappingPlan], replacing others: [String: [String: Value]] = [:]) {
    self.plans = plans
    var tables: [String: Table] = [:]
    for plan in plans { tables[plan.name] = Table(plan, entries: others[plan.name] ?? plan.declaredEntries) }
    shared = Shared(tables)
  }

  /// Reads what is kept in the store, where that has changed since it was read last.
  ///
  /// - Returns: the version that counts now; nil where there are no tables that anything could be kept of.
  func refresh(from store: any Store) async throws -> Int64? {
    let open = plans.filter { $0.isLocked != true }
    if open.isEmpty { return nil }
    let version = try await store.valuesVersion()
    if shared.state.withLock({ $0.version == version }) { return version }
    var tables: [String: Table] = [:]
    for plan in open {
      let kept = try await CodeTables.kept(of: plan.name, in: store)
      tables[plan.name] = Table(
        plan, entries: plan.declaredEntries.merging(kept.map { ($0.code, $0.value) }) { $1 })
    }
    let read = tables
    shared.state.withLock { state in
      state.tables.merge(read) { $1 }
      // Read after the version: what came in between is read once more.
      state.version = version
    }
    return version
  }

  /// All entries that are kept of a mapping.
  public static func kept(of mapping: String, in store: any ValueStore) async throws -> [KeptEntry] {
    var entries: [KeptEntry] = []
    while true {
      let page = try await store.values(of: mapping, after: entries.last?.code, limit: 1_000)
      if page.isEmpty { return entries }
      entries += page
    }
  }

  /// What records may wait for that an entry supplies: its code, and backwards what it becomes.
  public static func supplies(of mapping: String, code: String, value: Value) -> [String] {
    [topic(mapping, code, isReverse: false)]
      + (value.interpolatedText.map { [topic(mapping, $0, isReverse: true)] } ?? [])
  }

  private static func topic(_ mapping: String, _ code: String, isReverse: Bool) -> String {
    "\(isReverse ? "reverseValue" : "value") \(mapping): \(code)"
  }

  /// Answers `value()` and `reverseValue()`; nil for the fallback.
  func look(
    _ name: String, _ code: Value, isReverse: Bool, hasFallback: Bool
  ) throws(EvaluationError) -> Value? {
    guard let table = shared.state.withLock({ $0.tables[name] }) else {
      throw EvaluationError(.missingValue, "there is no value mapping '\(name)'")
    }
    guard let text = code.interpolatedText else {
      throw EvaluationError(.noSuchOverload, "a code is a text, a number or true or false, not a \(code.typeName)")
    }
    if isReverse {
      switch table.codes[text] {
      case .some(.some(let found)): return .string(found)
      case .some(.none):
        throw EvaluationError(.missingValue, "several codes of value mapping '\(name)' become '\(text)'")
      case .none: break
      }
    } else if let found = table.entries[text] {
      return found
    }
    if hasFallback { return nil }
    let message = "value mapping '\(name)' has no \(isReverse ? "code that becomes" : "entry for") '\(text)'"
    switch table.onMiss {
    case .keep: return code
    // The default is a code of the other side: backwards it would be a wrong one.
    case .default where !isReverse: return table.fallback ?? .null
    case .default, .fail: throw EvaluationError(.missingValue, message)
    case .wait: throw EvaluationError(.waiting(CodeTables.topic(name, text, isReverse: isReverse)), message)
    }
  }
}

extension ValueMappingPlan {
  /// What is declared, by code.
  public var declaredEntries: [String: Value] {
    var entries: [String: Value] = [:]
    for (key, value) in self.entries.mapValue?.entries ?? [] {
      if case .string(let code) = key { entries[code] = value }
    }
    return entries
  }
}
