/// Finds the ways a value can be as rules say: references and `allOf` add rules, `anyOf` and `oneOf` choose among them.
struct SchemaExpansion {
  /// How many ways are told apart.
  static let maximumShapes = 64

  private let rules: [SchemaRule]
  private var isTooMuch = false

  init(rules: [SchemaRule]) { self.rules = rules }

  mutating func facts(of indices: [Int]) -> [SchemaShape.Facts] {
    let ways = expand(indices, [])
    if isTooMuch { return [SchemaShape.Facts([], of: rules)] }
    return ways.map { SchemaShape.Facts($0, of: rules) }.filter(\.isPossible)
  }

  /// The ways in which all of these rules hold.
  private mutating func expand(_ indices: [Int], _ path: Set<Int>) -> [[Int]] {
    var ways: [[Int]] = [[]]
    for rule in indices {
      ways = product(ways, expand(rule, path))
      if isTooMuch { return [] }
    }
    return ways
  }

  private mutating func expand(_ index: Int, _ path: Set<Int>) -> [[Int]] {
    // A schema that is only itself says nothing more.
    guard !path.contains(index), path.count < 64 else { return [[]] }
    let path = path.union([index])
    let rule = rules[index]
    var ways = expand((rule.reference.map { [$0] } ?? []) + rule.allOf, path).map { [index] + $0 }
    for choice in [rule.anyOf, rule.oneOf] where !choice.isEmpty {
      var union: [[Int]] = []
      for alternative in choice {
        union += expand(alternative, path)
        if union.count > SchemaExpansion.maximumShapes { isTooMuch = true }
        if isTooMuch { return [] }
      }
      ways = product(ways, union)
    }
    return ways
  }

  private mutating func product(_ left: [[Int]], _ right: [[Int]]) -> [[Int]] {
    guard left.count * right.count <= SchemaExpansion.maximumShapes else {
      isTooMuch = true
      return []
    }
    return left.flatMap { a in right.map { b in a + b.filter { !a.contains($0) } } }
  }
}
