import Connecting
import Digests
import Expressions
import Keeping
import Plans
import Templates
import Values

/// The parents for each of which a source is asked, lowered.
struct ParentsProgram: Sendable {
  /// Where they come from.
  enum Lister: Sendable {
    /// A call of the source's connector.
    case query(QueryProgram)
    /// What another hub has delivered.
    case upstream(UpstreamProgram)
  }

  /// The most there may be.
  let maximum: Int
  let lister: Lister
  private let when: Expression?
  private let give: Template
  private let into: String?

  init(_ plan: ParentsPlan, connector: ConnectorClient) throws {
    let scope = ExpressionScope.record.environment
    if let api = plan.api {
      lister = .query(try QueryProgram(api: api, connector: connector, with: plan.with))
    } else if let hub = plan.hub {
      lister = .upstream(try UpstreamProgram(UpstreamPlan(hub: hub, key: nil, number: nil)))
    } else {
      throw RunError(.damagedPlan, "source.parents names neither a hub nor an API")
    }
    maximum = plan.maximum
    when = try plan.when.map { try Expression(single: $0, environment: scope, path: "source.parents.when") }
    give = try Template(plan.give, environment: scope)
    into = plan.into
  }

  /// What identifies a parent.
  func key(of record: Value) throws -> String {
    switch lister {
    case .query(let query): try query.key(of: record)
    case .upstream(let upstream): try upstream.key(of: record)
    }
  }

  /// What is asked for a parent; nil where it is not asked for.
  func asked(for record: Value) throws -> AskedParent? {
    if let when {
      var activation = Activation(environment: ExpressionScope.record.environment)
      activation.set("record", record)
      do throws(EvaluationError) {
        guard try when.test(activation) else { return nil }
      } catch {
        throw RunError(.damagedPlan, "source.parents.when: \(error.message) in ${ \(when.source) }")
      }
    }
    var activation = give.makeActivation()
    activation.set("record", record)
    return AskedParent(
      key: try key(of: record), parameters: try give.evaluate(&activation).mapValue ?? ValueMap([(String, Value)]()),
      record: into == nil ? nil : record)
  }

  /// A record with its parent in it, where it is to be kept.
  func record(_ record: Value, of parent: AskedParent) -> Value {
    guard let into, let own = parent.record, case .map(let fields) = record else { return record }
    let others = fields.entries.map { ($0.key, $0.value) }.filter { $0.0 != .string(into) }
    return .map(ValueMap(others + [(.string(into), own)]))
  }
}

/// A parent that a query asks for.
struct AskedParent: Equatable {
  /// What identifies it.
  let key: String
  /// The parameters of the source's API that are its own.
  let parameters: ValueMap
  /// The parent, where it is to be kept in the records.
  let record: Value?

  /// The form a queue keeps.
  var payload: Value {
    ["key": .string(key), "give": .map(parameters), "record": record ?? .null]
  }

  /// What tells it from another one with its key: what it gives.
  var mark: String { hex(HashFunction.sha256.digest(Value.map(parameters).jsonBytes()).prefix(16)) }

  init(key: String, parameters: ValueMap, record: Value?) {
    self.key = key
    self.parameters = parameters
    self.record = record
  }

  /// Reads what a queue kept; nil for a query without a parent.
  init?(payload value: Value) {
    guard let key = value["key"]?.stringValue, let parameters = value["give"]?.mapValue else { return nil }
    let record = value["record"].flatMap { $0 == .null ? nil : $0 }
    self.init(key: key, parameters: parameters, record: record)
  }
}

/// What the query asks that a pull begins with: a page of the list of parents.
struct ParentListing: Equatable {
  /// Where it stands in the list.
  enum Place: Equatable {
    /// A page of an API's list.
    case page(PagePosition)
    /// Another hub's delivered records behind a position and up to another.
    case records(UpstreamQuery)
  }

  /// Where the window of each parent starts; nil where it is that parent's own watermark.
  var from: Timestamp?
  /// Whether no watermark moves.
  var isRemedy = false
  /// Where all windows end.
  var to: Timestamp
  /// How many parents were listed before.
  var count: Int
  var place: Place

  /// The form a queue keeps.
  var payload: Value {
    let place: Value =
      switch self.place {
      case .page(let page): QueryTask(from: to, to: to, page: page).payload
      case .records(let query): query.payload
      }
    return [
      "parents": place, "from": from.map { .string($0.description) } ?? .null, "to": .string(to.description),
      "count": .int(Int64(count)), "remedy": .bool(isRemedy),
    ]
  }

  init(from: Timestamp?, to: Timestamp, count: Int = 0, place: Place) {
    self.from = from
    self.to = to
    self.count = count
    self.place = place
  }

  /// Reads what a queue kept; nil for another query.
  init?(payload bytes: [UInt8]) {
    guard let value = try? Value(jsonBytes: bytes), let listed = value["parents"],
      let to = value["to"]?.stringValue.flatMap({ Timestamp($0) }), let count = value["count"]?.intValue
    else { return nil }
    let inner = listed.jsonBytes()
    let place: Place
    if let query = UpstreamQuery(payload: inner) {
      place = .records(query)
    } else if let task = try? QueryTask(payload: inner) {
      place = .page(task.page)
    } else {
      return nil
    }
    self.init(
      from: value["from"]?.stringValue.flatMap { Timestamp($0) }, to: to, count: Int(clamping: count), place: place)
    isRemedy = value["remedy"]?.boolValue ?? false
  }
}
