/// Finds the ways a value can be as rules say: references and `allOf` add rules, `anyOf` and `oneOf` choose among them.
struct SchemaExpansion {
  /// How many ways are told apart.
  static let maximumShapes = 64

  let document: SchemaDocument
  private var isTooMuch = false

  init(document: SchemaDocument) { self.document = document }

  mutating func shapes(of rules: [Int]) -> [SchemaShape] {
    let ways = expand(rules, [])
    if isTooMuch { return [SchemaShape(document: document, rules: [])] }
    let shapes = ways.map { SchemaShape(document: document, rules: $0) }
    let possible = shapes.filter { !$0.types.isEmpty && $0.values.map { !$0.isEmpty } ?? true }
    return possible
  }

  /// The ways in which all of these rules hold.
  private mutating func expand(_ rules: [Int], _ path: Set<Int>) -> [[Int]] {
    var ways: [[Int]] = [[]]
    for rule in rules {
      ways = product(ways, expand(rule, path))
      if isTooMuch { return [] }
    }
    return ways
  }

  private mutating func expand(_ index: Int, _ path: Set<Int>) -> [[Int]] {
    // A schema that is only itself says nothing more.
    guard !path.contains(index), path.count < 64 else { return [[]] }
    let path = path.union([index])
    let rule = document.rules[index]
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
