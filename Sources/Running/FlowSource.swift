import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Where a hub's records come from, lowered.
enum FlowSource: Sendable {
  /// A system that is asked.
  case query(QueryProgram)
  /// What another hub has delivered.
  case upstream(UpstreamProgram)

  init(_ plan: HubPlan, _ clients: [String: ConnectorClient]) throws {
    if let upstream = plan.source.upstream {
      self = .upstream(try UpstreamProgram(upstream))
      return
    }
    guard let api = plan.source.api, let connector = plan.source.connector.flatMap({ clients[$0] }) else {
      throw RunError(.damagedPlan, "hub '\(plan.name)' has a connector that is not in the plan")
    }
    self = .query(try QueryProgram(api: api, connector: connector, with: plan.source.with))
  }

  /// What identifies a record.
  func key(of record: Value) throws -> String {
    switch self {
    case .query(let query): try query.key(of: record)
    case .upstream(let upstream): try upstream.key(of: record)
    }
  }

  /// The number people know a record by.
  func number(of record: Value) -> String? {
    switch self {
    case .query(let query): query.number(of: record)
    case .upstream(let upstream): upstream.number(of: record)
    }
  }
}

/// A source that is another hub, lowered.
struct UpstreamProgram: Sendable {
  /// How many records are read at a time.
  static let pageSize = 500

  /// The other hub.
  let hub: String
  private let key: Expression?
  private let number: Expression?

  init(_ plan: UpstreamPlan) throws {
    let scope = ExpressionScope.record.environment
    hub = plan.hub
    key = try plan.key.map { try Expression(single: $0, environment: scope, path: "source.key") }
    number = try plan.number.map { try Expression(single: $0, environment: scope, path: "source.number") }
  }

  /// A delivered record as expressions see it: `key`, `number`, `content`, `target`.
  func record(of delivered: DeliveredRecord) throws -> Value {
    let steps = delivered.steps.map { ($0.name, $0.id.map { Value.string($0) } ?? .null) }
    return [
      "key": .string(delivered.key), "number": delivered.number.map { .string($0) } ?? .null,
      "content": try Value(jsonBytes: delivered.content),
      "target": [
        "id": delivered.delivered.id.map { .string($0) } ?? .null, "revision": .int(delivered.delivered.revision),
        "steps": .map(ValueMap(steps)),
      ],
    ]
  }

  func key(of record: Value) throws -> String {
    guard let key else {
      guard let text = record["key"]?.stringValue, !text.isEmpty else {
        throw RunError(.damagedPlan, "a record of hub '\(hub)' has a 'key' that is a text")
      }
      return text
    }
    let value: Value
    do throws(EvaluationError) {
      value = try key.evaluate(activation(record))
    } catch {
      throw RunError(.damagedPlan, "source.key: \(error.message) in ${ \(key.source) }")
    }
    guard let text = value.interpolatedText, !text.isEmpty else {
      throw RunError(
        .damagedPlan, "source.key: ${ \(key.source) } is \(value.json()), and no text identifies the record")
    }
    return text
  }

  func number(of record: Value) -> String? {
    guard let number else { return record["number"]?.stringValue }
    // A record without a number is a record all the same.
    return (try? number.evaluate(activation(record)))?.interpolatedText
  }

  private func activation(_ record: Value) -> Activation {
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set("record", record)
    return activation
  }
}

/// What a query task of a hub asks that is fed by another one: the records delivered behind a position and up to another.
struct UpstreamQuery: Equatable {
  let hub: String
  let after: Int64
  let end: Int64

  /// The form a queue keeps.
  var payload: Value { ["hub": .string(hub), "after": .int(after), "upTo": .int(end)] }

  init(hub: String, after: Int64, end: Int64) {
    self.hub = hub
    self.after = after
    self.end = end
  }

  /// Reads what a queue kept; nil for what an earlier plan asked of a system.
  init?(payload bytes: [UInt8]) {
    guard let value = try? Value(jsonBytes: bytes), let hub = value["hub"]?.stringValue,
      let after = value["after"]?.intValue, let end = value["upTo"]?.intValue
    else { return nil }
    self.init(hub: hub, after: after, end: end)
  }
}
