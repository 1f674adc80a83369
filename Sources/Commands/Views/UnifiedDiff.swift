/// What changed between two texts, line by line, in the form of `diff -u`.
struct UnifiedDiff {
  /// Lines that differ beyond this number are not compared but replaced as a whole.
  private static let maximumLines = 4_000
  private static let context = 3

  /// One line of the result: kept, taken out or put in.
  private struct Line {
    var mark: Character
    var text: Substring
  }

  private var lines: [Line] = []

  init(from old: String, to new: String) {
    let (before, after) = (Self.split(old), Self.split(new))
    var start = 0
    while start < before.count, start < after.count, before[start] == after[start] { start += 1 }
    var end = 0
    while end < before.count - start, end < after.count - start,
      before[before.count - 1 - end] == after[after.count - 1 - end]
    {
      end += 1
    }
    lines = before[..<start].map { Line(mark: " ", text: $0) }
    compare(Array(before[start..<before.count - end]), Array(after[start..<after.count - end]))
    lines += before[(before.count - end)...].map { Line(mark: " ", text: $0) }
  }

  /// The lines of a text, each with its end.
  private static func split(_ text: String) -> [Substring] {
    var lines: [Substring] = []
    var rest = text.utf8[...]
    while let end = rest.firstIndex(of: 0x0A) {
      lines.append(Substring(rest[...end]))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { lines.append(Substring(rest)) }
    return lines
  }

  private mutating func compare(_ before: [Substring], _ after: [Substring]) {
    guard before.count + after.count <= Self.maximumLines else {
      lines += before.map { Line(mark: "-", text: $0) } + after.map { Line(mark: "+", text: $0) }
      return
    }
    let changes = after.difference(from: before)
    let removed = Set(
      changes.removals.map { change in
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
      })
    let added = Set(
      changes.insertions.map { change in
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
      })
    var (old, new) = (0, 0)
    while old < before.count || new < after.count {
      if removed.contains(old) {
        lines.append(Line(mark: "-", text: before[old]))
        old += 1
      } else if added.contains(new) {
        lines.append(Line(mark: "+", text: after[new]))
        new += 1
      } else {
        lines.append(Line(mark: " ", text: before[old]))
        old += 1
        new += 1
      }
    }
  }

  /// The diff of a file, with the path in its head; empty where nothing changed.
  func text(path: String) -> String {
    let changed = lines.indices.filter { lines[$0].mark != " " }
    guard let first = changed.first else { return "" }
    var text = "--- a/\(path)\n+++ b/\(path)\n"
    var start = first
    var last = first
    for place in changed.dropFirst() {
      if place - last > 2 * Self.context {
        text += hunk(start, last)
        start = place
      }
      last = place
    }
    return text + hunk(start, last)
  }

  private func hunk(_ first: Int, _ last: Int) -> String {
    let range = max(0, first - Self.context)..<min(lines.count, last + Self.context + 1)
    func place(_ mark: Character) -> String {
      let before = lines[..<range.lowerBound].count { $0.mark == " " || $0.mark == mark }
      let count = lines[range].count { $0.mark == " " || $0.mark == mark }
      return "\(count == 0 ? before : before + 1),\(count)"
    }
    var text = "@@ -\(place("-")) +\(place("+")) @@\n"
    for line in lines[range] {
      text.append(line.mark)
      text += line.text
      if line.text.utf8.last != 0x0A { text += "\n\\ No newline at end of file\n" }
    }
    return text
  }
}
