import Keeping
import SQLiteKit
import Values

/// The conditions of a filter as SQL, and the values they are bound to: nothing a user wrote becomes SQL.
struct FilterSQL {
  private enum Bound {
    case number(Int64)
    case text(String)
  }

  private var conditions: [String] = []
  private var values: [Bound] = []

  /// `WHERE ...`, or nothing.
  var whereClause: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }

  /// A statement of `head`, the conditions and `tail`, with everything bound; `limit` is the last value.
  func prepare(_ head: String, _ tail: String, limit: Int, _ connection: Connection) throws -> Statement {
    let statement = try connection.prepare("\(head) \(whereClause) \(tail) LIMIT ?\(values.count + 1)")
    for (place, value) in values.enumerated() {
      switch value {
      case .number(let number): statement.bind(place + 1, number)
      case .text(let text): statement.bind(place + 1, text)
      }
    }
    statement.bind(values.count + 1, limit)
    return statement
  }

  /// A condition without values; from the program alone.
  mutating func add(_ condition: String) { conditions.append(condition) }

  /// A condition on one value, which stands as `?` in it, and maybe several times.
  mutating func add(_ condition: String, _ number: Int64?) {
    guard let number else { return }
    values.append(.number(number))
    conditions.append(condition.replacing("?", with: "?\(values.count)"))
  }

  /// A condition on one text, which stands as `?` in it, and maybe several times.
  mutating func add(_ condition: String, _ text: String?) {
    guard let text else { return }
    values.append(.text(text))
    conditions.append(condition.replacing("?", with: "?\(values.count)"))
  }

  /// A condition on a set of values, given as JSON; nothing where it is empty.
  mutating func add(_ column: String, among values: [Value]) {
    if values.isEmpty { return }
    add("\(column) IN (SELECT value FROM json_each(?))", Value.list(values).json())
  }

  /// A pattern of LIKE for a text that may stand anywhere.
  static func containsPattern(_ text: String) -> String {
    var pattern = "%"
    for character in text.unicodeScalars {
      if character == "%" || character == "_" || character == "\\" { pattern.unicodeScalars.append("\\") }
      pattern.unicodeScalars.append(character)
    }
    return pattern + "%"
  }
}

extension FilterSQL {
  /// The conditions of a filter on a hub's records.
  init(_ filter: RecordFilter) {
    add(states: filter.states)
    addKeys(filter.keys, filter.text)
    add("json_extract(error, '$.kind')", among: filter.errors.sorted().map { .string($0) })
    add("updated_at >= ?", filter.since?.milliseconds)
    add("updated_at < ?", filter.before?.milliseconds)
  }

  private mutating func add(states: Set<RecordState>) {
    if states.isEmpty || states.count == RecordState.allCases.count { return }
    // In the words of the partial indexes, which are only used where their condition stands in the query.
    if states.allSatisfy({ $0.rawValue >= 3 }) { add("state >= 3") }
    if states == [.pending] || states == [.waiting] {
      for state in states { add("state = \(state.rawValue)") }
    } else {
      add("(?  >> state) & 1", states.reduce(Int64(0)) { $0 | 1 << $1.rawValue })
    }
  }

  fileprivate mutating func addKeys(_ keys: [String], _ text: String?) {
    add("key", among: keys.map { .string($0) })
    add("(key LIKE ? ESCAPE '\\' OR number LIKE ? ESCAPE '\\')", text.map(FilterSQL.containsPattern))
  }

  /// The conditions of a filter on tasks.
  ///
  /// - Parameter hub: the filter's hub.
  init(_ filter: TaskFilter, hub: HubTables?) {
    add("t.id", among: filter.ids.map { .int($0) })
    add("t.hub = ?", hub?.id)
    add("t.side = ?", filter.side.map { Int64($0.rawValue) })
    add(states: filter.states)
    if let hub, !filter.keys.isEmpty || filter.text != nil {
      var records = FilterSQL(numberingAfter: self)
      records.addKeys(filter.keys, filter.text)
      let chosen = records.conditions.joined(separator: " AND ")
      values += records.values[values.count...]
      add(
        """
        t.id IN (SELECT target_task FROM \(hub.records) WHERE \(chosen)
          UNION ALL SELECT source_task FROM \(hub.records) WHERE \(chosen))
        """)
    }
    add("json_extract(t.error, '$.kind')", among: filter.errors.sorted().map { .string($0) })
    add("coalesce(t.finished_at, t.created_at) >= ?", filter.since?.milliseconds)
    add("coalesce(t.finished_at, t.created_at) < ?", filter.before?.milliseconds)
  }

  /// No conditions yet, and numbers for values that go on where another's end.
  private init(numberingAfter other: FilterSQL) { values = other.values }

  private mutating func add(states: Set<TaskState>) {
    if states.isEmpty || states.count == TaskState.allCases.count { return }
    if states.isSubset(of: [.dead, .cancelled, .uncertain]) { add("t.state >= 4") }
    if states.isSubset(of: [.ready, .retrying]) { add("t.state IN (0, 3)") }
    if states == [.running] { add("t.state = 1") } else { add("(? >> t.state) & 1", states.mask) }
  }
}

extension Set<TaskState> {
  fileprivate var mask: Int64 { reduce(0) { $0 | 1 << $1.rawValue } }
}
