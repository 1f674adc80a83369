import Keeping
import Values

/// A CSV file of entries: `a_value,a_label,b_value,b_label`, or `from,to,label`, or what `value export` writes.
enum ValueFile {
  /// How long a code may be.
  static let longestCode = 1_000
  /// How large a file may be.
  static let maximumBytes = 256 << 20

  private static let columns: [(name: String, known: [String])] = [
    ("code", ["a_value", "from", "code"]), ("value", ["b_value", "to", "value"]),
    ("label", ["a_label", "label", "from_label"]), ("valueLabel", ["b_label", "to_label", "value_label"]),
  ]

  /// The entries of a file.
  ///
  /// - Throws: where it is no such file, with the line.
  static func read(_ bytes: [UInt8], named path: String) throws -> [KeptEntry] {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandFailure(.findings, "\(path) is not UTF-8; nothing was changed", help: "save it as UTF-8")
    }
    let rows: [(line: Int, fields: [String])]
    do throws(CSV.Issue) {
      rows = try CSV.rows(text)
    } catch {
      throw CommandFailure(.findings, "\(path):\(error.line): \(error); nothing was changed")
    }
    guard let header = rows.first?.fields else { throw CommandFailure(.findings, "\(path) is empty") }
    var places: [String: Int] = [:]
    for column in columns { places[column.name] = header.firstIndex { column.known.contains($0) } }
    guard let code = places["code"], let value = places["value"] else {
      throw CommandFailure(
        .findings, "\(path):1: there is no column of codes and one of values: it has \(header.joined(separator: ", "))",
        help: "name them a_value,a_label,b_value,b_label or from,to,label")
    }
    var entries: [KeptEntry] = []
    var lines: [String: Int] = [:]
    for row in rows.dropFirst() {
      func bad(_ what: String) -> CommandFailure {
        CommandFailure(.findings, "\(path):\(row.line): \(what); nothing was changed")
      }
      guard row.fields.count == header.count else {
        throw bad("\(row.fields.count) fields, where the first line has \(header.count)")
      }
      let name = row.fields[code]
      guard !name.isEmpty, name.utf8.count <= longestCode else { throw bad("a code has 1 to \(longestCode) bytes") }
      if let line = lines[name] { throw bad("code '\(name)' stands in line \(line) already") }
      lines[name] = row.line
      func label(_ column: String) -> String? {
        guard let place = places[column], !row.fields[place].isEmpty else { return nil }
        return row.fields[place]
      }
      entries.append(
        KeptEntry(code: name, label: label("label"), value: .string(row.fields[value]), valueLabel: label("valueLabel"))
      )
    }
    return entries
  }

  /// The file of some rows.
  static func write(_ rows: [ValueRow]) -> String {
    CSVText.line(["a_value", "a_label", "b_value", "b_label"], guardsFormulas: false)
      + rows.map { row in
        CSVText.line([row.code, row.label ?? "", row.value.shown, row.valueLabel ?? ""], guardsFormulas: false)
      }.joined()
  }
}
