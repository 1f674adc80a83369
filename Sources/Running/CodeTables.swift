import Expressions
public import Plans
import Templates
public import Values

/// The value mappings of a plan, ready to be asked.
public struct CodeTables: Sendable {
  private struct Table: Sendable {
    let entries: [String: Value]
    /// By what they become; nil for what several codes become.
    let codes: [String: String?]
    let onMiss: ValueMappingPlan.Miss
    let fallback: Value?
  }

  private let tables: [String: Table]

  /// The tables of a plan; some may be replaced by others, as a hub test does.
  public init(_ plans: [ValueMappingPlan], replacing others: [String: [String: Value]] = [:]) {
    var tables: [String: Table] = [:]
    for plan in plans {
      var entries: [String: Value] = [:]
      for (key, value) in plan.entries.mapValue?.entries ?? [] {
        if case .string(let code) = key { entries[code] = value }
      }
      if let replacement = others[plan.name] { entries = replacement }
      var codes: [String: String?] = [:]
      for (code, value) in entries {
        guard let text = value.interpolatedText else { continue }
        codes[text] = .some(codes[text] == nil ? code : nil)
      }
      tables[plan.name] = Table(entries: entries, codes: codes, onMiss: plan.onMiss, fallback: plan.fallback)
    }
    self.tables = tables
  }

  /// Answers `value()` and `reverseValue()`; nil for the fallback.
  func look(
    _ name: String, _ code: Value, isReverse: Bool, hasFallback: Bool
  ) throws(EvaluationError) -> Value? {
    guard let table = tables[name] else {
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
    case .wait: throw EvaluationError(.waiting("\(name): \(text)"), message)
    }
  }
}
