import Expressions
public import Values

/// A lowered template.
indirect enum TemplateNode: Sendable {
  case literal(Value)
  case expression(Expression)
  /// Texts and expressions one after the other, as one text.
  case text([TextPart])
  case list([TemplateNode])
  case map(Shape, [TemplateNode])
  case loop(Loop)

  enum TextPart: Sendable {
    case literal(String)
    case expression(Expression)
  }

  struct Loop: Sendable {
    let list: Expression
    let slot: Int
    let condition: Expression?
    let emit: TemplateNode
    /// Where it is recorded which way its list and its condition went; nearly always nowhere.
    var elementMarks: Marks?
    var conditionMarks: Marks?
  }

  typealias Marks = (yes: BranchMark, no: BranchMark)

  var literal: Value? { if case .literal(let value) = self { value } else { nil } }

  func evaluate(_ activation: inout Activation) throws(TemplateError) -> Value {
    switch self {
    case .literal(let value): return value
    case .expression(let expression): return try written(expression, activation)
    case .text(let parts): return .string(try join(parts, activation))
    case .list(let nodes):
      var items: [Value] = []
      items.reserveCapacity(nodes.count)
      var waiting: TemplateError?
      for (index, node) in nodes.enumerated() {
        do throws(TemplateError) {
          items.append(try node.evaluate(&activation))
        } catch {
          try error.inside("[\(index)]").pass(&waiting)
        }
      }
      if let waiting { throw waiting }
      return .list(items)
    case .map(let shape, let nodes):
      var values: [Value] = []
      values.reserveCapacity(nodes.count)
      var waiting: TemplateError?
      for (slot, node) in nodes.enumerated() {
        do throws(TemplateError) {
          values.append(try node.evaluate(&activation))
        } catch {
          try error.inside(shape.name(at: slot)).pass(&waiting)
        }
      }
      if let waiting { throw waiting }
      return .map(ValueMap(shape: shape, values: values))
    case .loop(let loop): return try evaluate(loop, &activation)
    }
  }

  private func evaluate(_ loop: Loop, _ activation: inout Activation) throws(TemplateError) -> Value {
    let over = try value(of: loop.list, activation)
    guard case .list(let items) = over else {
      let error = EvaluationError(
        .noSuchOverload, "'each' goes over a list, not over \(over.typeNameWithArticle)",
        help: over.isNull ? "the list is null here; write ${ x == null ? [] : x }" : nil)
      throw TemplateError(path: "", error: error, source: loop.list.source)
    }
    if let marks = loop.elementMarks { (items.isEmpty ? marks.no : marks.yes).note() }
    var results: [Value] = []
    results.reserveCapacity(items.count)
    var waiting: TemplateError?
    for (index, item) in items.enumerated() {
      activation.set(slot: loop.slot, item)
      do throws(TemplateError) {
        if let condition = loop.condition {
          let isTrue = try isTrue(condition, activation)
          if let marks = loop.conditionMarks { (isTrue ? marks.yes : marks.no).note() }
          if !isTrue { continue }
        }
        results.append(try loop.emit.evaluate(&activation))
      } catch {
        try error.inside("[\(index)]").pass(&waiting)
      }
    }
    if let waiting { throw waiting }
    return .list(results)
  }

  private func isTrue(_ condition: Expression, _ activation: Activation) throws(TemplateError) -> Bool {
    let result = try value(of: condition, activation)
    guard case .bool(let flag) = result else {
      let error = EvaluationError(.noSuchOverload, "'when' wants true or false, not \(result.typeNameWithArticle)")
      throw TemplateError(path: "", error: error, source: condition.source)
    }
    return flag
  }

  /// A value that goes into the result, which JSON must be able to write.
  private func written(_ expression: Expression, _ activation: borrowing Activation) throws(TemplateError) -> Value {
    let value = try value(of: expression, activation)
    guard let number = value.unwritableNumber else { return value }
    throw TemplateError(
      path: number.path, error: EvaluationError(.overflow, number.message), source: expression.source)
  }

  private func value(of expression: Expression, _ activation: borrowing Activation) throws(TemplateError) -> Value {
    do throws(EvaluationError) {
      return try expression.evaluate(activation)
    } catch {
      throw TemplateError(path: "", error: error, source: expression.source)
    }
  }

  private func join(_ parts: [TextPart], _ activation: borrowing Activation) throws(TemplateError) -> String {
    var text = ""
    for part in parts {
      switch part {
      case .literal(let literal): text += literal
      case .expression(let expression):
        let value = try value(of: expression, activation)
        guard let written = value.interpolatedText else {
          let error = EvaluationError(
            .noSuchOverload, "\(value.typeNameWithArticle) cannot stand in the middle of a text",
            help: value.isNull ? "say what to write where it is null" : "write json(...) for its JSON text")
          throw TemplateError(path: "", error: error, source: expression.source)
        }
        text += written
      }
    }
    return text
  }
}

extension TemplateError {
  /// Keeps the first error that is about something which may still come; any other is thrown.
  ///
  /// The rest of the tree is evaluated all the same: whoever answers what is asked learns so of all that is asked at once.
  fileprivate func pass(_ waiting: inout TemplateError?) throws(TemplateError) {
    guard isWaiting else { throw self }
    if waiting == nil { waiting = self }
  }
}

extension Value {
  /// How a value stands in the middle of a text; nil for null, lists and maps, which have no text of their own.
  public var interpolatedText: String? {
    if case .string(let text) = self { return text }
    return ExpressionText.text(of: self)
  }
}

extension Shape {
  fileprivate func name(at slot: Int) -> String {
    if case .string(let name) = keys[slot] { name } else { "\(slot)" }
  }
}
