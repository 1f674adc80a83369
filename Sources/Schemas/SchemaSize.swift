/// Counts the schemas that one leads to for the same value, each as often as it is come to.
///
/// Who follows them does all of it anew: a chain of sixty schemas that each name the next one twice has no end.
struct SchemaSize {
  /// How many schemas one may lead to.
  static let maximum = 10_000
  /// As ``SchemaExpansion`` goes.
  private static let maximumDepth = 64

  private var known: [Int: Int] = [:]
  private var path: Set<Int> = []
  private var left = 0

  mutating func isTooLarge(_ index: Int, _ rules: [SchemaRule]) -> Bool {
    path = []
    left = SchemaSize.maximum
    _ = count(index, rules)
    return left < 0
  }

  /// How many there are from here on, and whether that is so wherever one comes from.
  private mutating func count(_ index: Int, _ rules: [SchemaRule]) -> (size: Int, isWhole: Bool) {
    if let size = known[index] {
      left -= size
      return (size, true)
    }
    left -= 1
    guard left >= 0, path.count < SchemaSize.maximumDepth, path.insert(index).inserted else { return (1, false) }
    defer { path.remove(index) }
    let rule = rules[index]
    var size = 1
    var isWhole = true
    for next in (rule.reference.map { [$0] } ?? []) + rule.allOf + rule.anyOf + rule.oneOf {
      let part = count(next, rules)
      size += part.size
      isWhole = isWhole && part.isWhole
      if left < 0 { return (size, false) }
    }
    if isWhole { known[index] = size }
    return (size, isWhole)
  }
}
