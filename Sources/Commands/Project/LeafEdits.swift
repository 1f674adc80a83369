import Declarations
import SourceText
import Values
import YAMLSyntax

/// Brings what a hub test expects to what came out by replacing single values, so that comments and layout stay.
struct LeafEdits {
  /// One text of a file and what takes its place.
  typealias Edit = (range: Range<Int>, text: String)

  private(set) var edits: [Edit] = []
  /// False where more than single values differ: a field more or less, another number of elements.
  private var isEnough = true
  private let bounds: Range<Int>

  /// The edits of a test; nil where they would not make it pass.
  static func edits(_ expect: YAMLNode, _ result: HubTestResult, within bounds: Range<Int>) -> [Edit]? {
    // What waits and what fails is expected by parts of messages: that is for a person to write.
    let isOfRecords = { (failure: String) in failure.hasPrefix("errors") || failure.hasPrefix("waiting") }
    if result.failures.contains(where: isOfRecords) { return nil }
    var edits = LeafEdits(bounds: bounds)
    edits.visit(expect, result)
    return edits.isEnough && !edits.edits.isEmpty ? edits.edits : nil
  }

  private init(bounds: Range<Int>) { self.bounds = bounds }

  private mutating func visit(_ expect: YAMLNode, _ result: HubTestResult) {
    let isWhole = expect.text("match") != "subset"
    for entry in expect.entries ?? [] {
      switch entry.keyText {
      case "documents": visit(entry.value, .list(result.documents), isWhole: isWhole)
      case "filtered": visit(entry.value, result.actual["filtered"] ?? [], isWhole: true)
      case "requests":
        let requests = result.actual["requests"]?.listValue ?? []
        guard let expected = entry.value.items, expected.count == requests.count else { return isEnough = false }
        for (item, request) in zip(expected, requests) {
          for field in item.entries ?? [] {
            let isPart = field.keyText == "headers" || field.keyText == "query"
            visit(field.value, request[field.keyText] ?? .null, isWhole: isWhole && !isPart)
          }
        }
      default: continue
      }
    }
  }

  private mutating func visit(_ node: YAMLNode, _ actual: Value, isWhole: Bool) {
    switch (node.content, actual) {
    case (.mapping(let entries), .map(let map)):
      if isWhole, entries.count != map.count { isEnough = false }
      for entry in entries {
        guard let value = map[entry.keyText] else { return isEnough = false }
        visit(entry.value, value, isWhole: isWhole)
      }
    case (.sequence(let items), .list(let values)):
      guard items.count == values.count else { return isEnough = false }
      for (item, value) in zip(items, values) { visit(item, value, isWhole: isWhole) }
    case (.scalar(let scalar), _):
      if node.value == actual { return }
      let isLeaf = actual.listValue == nil && actual.mapValue == nil
      // A text over several lines, and what an alias stands for, is not replaced in place.
      guard isLeaf, scalar.style != .literal, scalar.style != .folded, bounds.contains(node.span.range.lowerBound),
        bounds.contains(node.span.range.upperBound - 1)
      else { return isEnough = false }
      // Where nothing stands yet, a space parts the value from what is before it.
      edits.append((node.span.range, (node.span.range.isEmpty ? " " : "") + LeafEdits.text(actual)))
    default: isEnough = false
    }
  }

  /// A value as it may stand between brackets as well.
  private static func text(_ value: Value) -> String {
    guard let text = value.stringValue else { return value.json() }
    return text.utf8.contains { ",[]{}:#".utf8.contains($0) } ? value.json() : yamlScalar(text)
  }
}
