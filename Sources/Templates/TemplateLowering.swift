public import Expressions
import Values

/// Turns a tree into a ``TemplateNode``; parts without an expression become one literal.
struct TemplateLowering {
  /// The environment with the most variables: loops within each other need a place for each.
  private(set) var widest: ExpressionEnvironment

  private let branches: BranchRecorder?

  init(widest: ExpressionEnvironment, branches: BranchRecorder?) {
    self.widest = widest
    self.branches = branches
  }

  mutating func lower(
    _ tree: Value, _ environment: ExpressionEnvironment, path: String
  ) throws(TemplateIssue) -> TemplateNode {
    switch tree {
    case .string(let text): return try lowerText(text, environment, path)
    case .list(let items):
      var nodes: [TemplateNode] = []
      for (index, item) in items.enumerated() { nodes.append(try lower(item, environment, path: "\(path)[\(index)]")) }
      let literals = nodes.compactMap(\.literal)
      return literals.count == nodes.count ? .literal(.list(literals)) : .list(nodes)
    case .map(let map):
      if map["each"] != nil, map["emit"] != nil { return .loop(try lowerLoop(map, environment, path)) }
      var nodes: [TemplateNode] = []
      for (key, value) in map.entries {
        nodes.append(try lower(value, environment, path: path.isEmpty ? "\(key.text)" : "\(path).\(key.text)"))
      }
      let literals = nodes.compactMap(\.literal)
      return literals.count == nodes.count
        ? .literal(.map(ValueMap(shape: map.shape, values: literals))) : .map(map.shape, nodes)
    default: return .literal(tree)
    }
  }

  private mutating func lowerLoop(
    _ map: ValueMap, _ environment: ExpressionEnvironment, _ path: String
  ) throws(TemplateIssue) -> TemplateNode.Loop {
    let variable = map["as"]?.stringValue ?? Template.defaultLoopVariable
    let inner = environment.adding(variables: [variable])
    if inner.variables.count > widest.variables.count { widest = inner }
    guard let slot = inner.slot(of: variable) else {
      throw TemplateIssue(path: path, message: "'\(variable)' is not a name for a variable")
    }
    let prefix = path.isEmpty ? "" : path + "."
    let list = try single(map["each"], environment, prefix + "each", ("with elements", "without elements"))
    let condition = try map["when"].map { value throws(TemplateIssue) in
      try single(value, inner, prefix + "when", ("when true", "when false"))
    }
    return TemplateNode.Loop(
      list: list.expression, slot: slot, condition: condition?.expression,
      emit: try lower(map["emit"] ?? .null, inner, path: prefix + "emit"), elementMarks: list.marks,
      conditionMarks: condition?.marks)
  }

  private func single(
    _ tree: Value?, _ environment: ExpressionEnvironment, _ path: String, _ ways: (yes: String, no: String)
  ) throws(TemplateIssue) -> (expression: Expression, marks: TemplateNode.Marks?) {
    guard case .string(let text) = tree else { throw TemplateIssue(path: path, message: "an expression is expected") }
    return try Expression.marked(single: text, environment: environment, path: path, branches, ways)
  }

  private func lowerText(
    _ text: String, _ environment: ExpressionEnvironment, _ path: String
  ) throws(TemplateIssue) -> TemplateNode {
    guard text.utf8.contains(0x24) else { return .literal(.string(text)) }
    let parts = try ExpressionText.parts(of: text, path: path)
    if parts.count == 1, case .expression(let source, let range) = parts[0] {
      let expression = try Expression(
        source: source, environment: environment, path: path, branches, offset: range.lowerBound)
      // What JSON cannot write is refused when it is evaluated, as any other expression's value is.
      guard let constant = expression.constantValue, constant.unwritableNumber == nil else {
        return .expression(expression)
      }
      return .literal(constant)
    }
    var lowered: [TemplateNode.TextPart] = []
    for part in parts {
      switch part {
      case .text(let literal): lowered.append(.literal(literal))
      case .expression(let source, let range):
        lowered.append(
          .expression(
            try Expression(
              source: source, environment: environment, path: path, branches, offset: range.lowerBound)))
      }
    }
    if lowered.isEmpty { return .literal("") }
    if lowered.count == 1, case .literal(let literal) = lowered[0] { return .literal(.string(literal)) }
    return .text(lowered)
  }
}

extension MapKey {
  fileprivate var text: String { if case .string(let name) = self { name } else { "\(value)" } }
}

extension ExpressionText {
  fileprivate static func parts(of text: String, path: String) throws(TemplateIssue) -> [Part] {
    do throws(ExpressionIssue) {
      return try parse(text)
    } catch {
      throw TemplateIssue(path: path, message: error.message)
    }
  }
}

extension Expression {
  fileprivate init(
    source: String, environment: ExpressionEnvironment, path: String, _ branches: BranchRecorder?, offset: Int
  ) throws(TemplateIssue) {
    let marker = branches.map { BranchMarker($0, place: path, source: source, offset: offset) }
    do throws(ExpressionIssues) {
      try self.init(source, environment: environment, branches: marker)
    } catch {
      throw TemplateIssue(path: path, message: error.description)
    }
  }

  /// The expression of a text that is exactly one: `${ ... }`.
  ///
  /// - Parameter path: where it stands, for the issue.
  public init(single text: String, environment: ExpressionEnvironment, path: String) throws(TemplateIssue) {
    self = try Expression.marked(single: text, environment: environment, path: path, nil, ("", "")).expression
  }

  /// The same, with its branches recorded, and marks for the two ways that follow from its value.
  public static func marked(
    single text: String, environment: ExpressionEnvironment, path: String, _ branches: BranchRecorder?,
    _ ways: (yes: String, no: String)
  ) throws(TemplateIssue) -> (expression: Expression, marks: (yes: BranchMark, no: BranchMark)?) {
    let parts = try ExpressionText.parts(of: text, path: path)
    guard parts.count == 1, case .expression(let source, let range) = parts[0] else {
      throw TemplateIssue(path: path, message: "an expression is expected: ${ ... }")
    }
    let expression = try Expression(
      source: source, environment: environment, path: path, branches, offset: range.lowerBound)
    let marker = branches.map { BranchMarker($0, place: path, source: source, offset: range.lowerBound) }
    return (expression, marker.map { ($0.mark(ways.yes), $0.mark(ways.no)) })
  }
}
