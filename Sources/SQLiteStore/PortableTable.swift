import Keeping
import SQLiteKit
import Values

/// How the rows of a copy stand in a table.
struct PortableTable {
  /// How a column's value stands in a row of a copy.
  enum Form {
    case number, flag, text, bytes
    /// JSON text, in a row what it says.
    case json
    /// The text of a failure.
    case failure
    /// The number of a hub, in a row its name.
    case hub
  }

  struct Column {
    let name: String
    let sql: String
    let form: Form
    /// True where the column is worked out and not put in.
    var isDerived = false

    init(_ name: String, _ sql: String, _ form: Form = .number, isDerived: Bool = false) {
      self.name = name
      self.sql = sql
      self.form = form
      self.isDerived = isDerived
    }

    /// What is selected, and ordered by.
    var selected: String { form == .hub ? "(SELECT name FROM hubs WHERE id = t.\(sql))" : sql }
  }

  let table: String
  let columns: [Column]
  /// The names of the columns that order the rows.
  let order: [String]
  /// What else rows have to fit.
  var condition: String?
  /// What new rows have besides.
  var constants: [(column: String, sql: String)] = []

  // MARK: - Reading

  /// Rows behind one of them; those of one hub where it is given.
  func rows(ofHub hub: Int64?, after row: Value?, limit: Int, _ connection: Connection) throws -> [Value] {
    let keys = order.compactMap { name in columns.first { $0.name == name } }
    let places = keys.map(\.selected).joined(separator: ", ")
    var conditions = [condition].compactMap(\.self)
    if hub != nil { conditions.append("t.hub = ?1") }
    if row != nil {
      conditions.append("(\(places)) > (\(keys.indices.map { "?\($0 + 3)" }.joined(separator: ", ")))")
    }
    let filter = conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    let list = try connection.prepare(
      "SELECT \(columns.map(\.selected).joined(separator: ", ")) FROM \(table) AS t \(filter) ORDER BY \(places) LIMIT ?2"
    )
    if let hub { list.bind(1, hub) }
    list.bind(2, limit)
    if let row {
      for (place, key) in keys.enumerated() { try PortableTable.bind(row[key.name], key.form, place + 3, list) }
    }
    return try list.portable(columns)
  }

  // MARK: - Writing

  /// Puts rows in.
  func put(_ rows: [Value], _ connection: Connection) throws {
    let kept = columns.filter { !$0.isDerived }
    let places = kept.enumerated().map { place, column in
      column.form == .hub ? "(SELECT id FROM hubs WHERE name = ?\(place + 1))" : "?\(place + 1)"
    }
    let insert = try connection.prepare(
      """
      INSERT INTO \(table) (\((kept.map(\.sql) + constants.map(\.column)).joined(separator: ", ")))
      VALUES (\((places + constants.map(\.sql)).joined(separator: ", ")))
      """)
    for row in rows {
      for (place, column) in kept.enumerated() {
        try PortableTable.bind(row[column.name], column.form, place + 1, insert)
      }
      try insert.run()
    }
  }

  static func bind(_ value: Value?, _ form: Form, _ place: Int, _ statement: Statement) throws {
    guard let value else { return statement.bindNull(place) }
    switch (form, value) {
    case (.json, _), (.failure, _): statement.bind(place, value.json())
    case (.text, .string(let text)), (.hub, .string(let text)): statement.bind(place, text)
    case (.bytes, .bytes(let bytes)): statement.bind(place, bytes)
    case (.flag, .bool(let flag)): statement.bind(place, flag)
    case (.number, .int(let number)): statement.bind(place, number)
    default: throw StoreError.damaged("a row of a copy has \(value.json()) where it cannot be")
    }
  }
}

extension Statement {
  /// The rows to the end, as a copy has them.
  func portable(_ columns: [PortableTable.Column]) throws -> [Value] {
    var rows: [Value] = []
    while try step() {
      rows.append(
        .portable(try columns.enumerated().map { place, column in (column.name, try portable(place, column.form)) }))
    }
    return rows
  }

  private func portable(_ place: Int, _ form: PortableTable.Form) throws -> Value? {
    if isNull(place) { return nil }
    switch form {
    case .number: return .int(int64(place))
    case .flag: return .bool(bool(place))
    case .text, .hub: return .string(text(place))
    case .bytes: return .bytes(bytes(place))
    case .json: return try AuditText.read(text(place))
    case .failure: return try FailureText.read(text(place)).map { try ValueEncoder().encode($0) }
    }
  }
}
