import Values

/// `text.matches(pattern)` with a pattern that is known beforehand.
final class MatchNode: Node {
  let range: Range<Int>
  private let text: any Node
  private let pattern: Pattern

  /// A node for a constant pattern; nil where it is not constant or not valid, which a call then reports.
  init?(_ text: any Node, _ pattern: any Node, range: Range<Int>) {
    guard let constant = pattern as? ConstantNode, case .string(let source) = constant.value,
      let compiled = try? PatternCache.pattern(source)  // What is wrong is said when the call is evaluated.
    else { return nil }
    self.text = text
    self.pattern = compiled
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    let value = try text.evaluate(&frame)
    guard case .string(let text) = value else {
      throw Failure(.noSuchOverload, "no such overload: matches(\(value.typeName.shortTypeName), string)", at: range)
    }
    do throws(Failure) {
      return try pattern.matches(text, &frame)
    } catch {
      throw error.placed(at: range)
    }
  }
}
