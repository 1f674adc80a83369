/// Rows of text in columns that stand below each other, whatever script they are in.
package struct TextTable {
  /// How a column is filled.
  package enum Alignment: Sendable {
    case left
    case right
  }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// A table of columns; without titles it has no head.
  package init(_ titles: [String] = [], alignments: [Alignment] = []) {
    self.titles = titles
    self.alignments = alignments
  }

  /// Adds a row; what would steer a terminal is replaced.
  package mutating func add(_ cells: String...) { rows.append(cells.map { printable($0) }) }

  /// The table, a line feed after each row; the last column is cut at the given width.
  package func text(width: Int = .max) -> String {
    let lines = (titles.isEmpty ? [] : [titles]) + rows
    let count = lines.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in lines.map { column < $0.count ? displayWidth($0[column]) : 0 }.max() ?? 0 }
    return lines.map { line($0, widths, width) + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int], _ width: Int) -> String {
    var text = ""
    var used = 0
    for (column, cell) in cells.enumerated() {
      let isLast = column == cells.count - 1
      let gap = String(repeating: " ", count: widths[column] - displayWidth(cell))
      if column < alignments.count, alignments[column] == .right {
        text += gap + cell
      } else if isLast {
        text += width == .max ? cell : cut(cell, to: max(width - used, 10))
      } else {
        text += cell + gap
      }
      used += widths[column] + 2
      if !isLast { text += "  " }
    }
    while text.last == " " { text.removeLast() }
    return text
  }
}
