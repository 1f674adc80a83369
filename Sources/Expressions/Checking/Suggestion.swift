/// Finds the name someone may have meant.
enum Suggestion {
  /// "did you mean" for a name near one of the known; the known names where they are few; nil otherwise.
  static func help(for name: String, among known: [String], noun: String) -> String? {
    if let near = nearest(to: name, among: known) { return "did you mean '\(near)'?" }
    guard !known.isEmpty, known.count <= 8 else { return nil }
    return "\(noun): " + known.map { "'\($0)'" }.joined(separator: ", ")
  }

  /// The known name at the least distance below 3; nil where none is near.
  static func nearest(to name: String, among known: [String]) -> String? {
    let wanted = Array(name.lowercased().utf8.prefix(64))
    var best: (name: String, distance: Int)?
    for candidate in known.prefix(1_000) {
      let letters = Array(candidate.lowercased().utf8.prefix(64))
      let limit = min(3, max(wanted.count, letters.count) / 2 + 1)
      guard abs(letters.count - wanted.count) < limit else { continue }
      let distance = distance(wanted, letters)
      if distance < limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// Letters to insert, remove, replace or swap with their neighbour.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        row.append(cost)
      }
      beforeLast = last
      last = row
    }
    return last[b.count]
  }
}
