/// Whether a text is a cron expression: five fields (POSIX `crontab`, with steps and names), or one of the `@` names.
func isCronExpression(_ text: String) -> Bool {
  if text.hasPrefix("@") {
    return ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"].contains(text)
  }
  let fields = text.split(whereSeparator: \.isWhitespace)
  let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
  let days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
  let bounds: [(ClosedRange<Int>, [String])] = [
    (0...59, []), (0...23, []), (1...31, []), (1...12, months), (0...7, days),
  ]
  return fields.count == 5 && zip(fields, bounds).allSatisfy { isCronField($0, $1.0, names: $1.1) }
}

private func isCronField(_ field: Substring, _ bounds: ClosedRange<Int>, names: [String]) -> Bool {
  func number(_ text: Substring) -> Int? {
    if let index = names.firstIndex(of: text.lowercased()) { return index + bounds.lowerBound }
    guard text.utf8.count <= 2, let value = Int(text), bounds.contains(value) else { return nil }
    return value
  }
  return field.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { part in
    let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(pieces.count) else { return false }
    if pieces.count == 2, !(Int(pieces[1]).map { $0 > 0 } ?? false) { return false }
    if pieces[0] == "*" { return true }
    let ends = pieces[0].split(separator: "-", omittingEmptySubsequences: false).map { number($0) }
    switch ends.count {
    case 1: return ends[0] != nil
    case 2:
      guard let low = ends[0], let high = ends[1] else { return false }
      return low <= high
    default: return false
    }
  }
}
