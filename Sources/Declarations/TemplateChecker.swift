public import Diagnostics
public import Expressions
public import SourceText
import Templates
import Values
import YAMLSyntax

/// Checks the expressions of a template where they stand.
///
/// It goes the same way as ``Template`` does when a worker lowers the template: a map with `each` and `emit` is a loop, whose
/// variable its `emit` and `when` may use.
struct TemplateChecker {
  private(set) var diagnostics = Diagnostics()
  private var environment: ExpressionEnvironment

  init(scope: ExpressionScope) { environment = scope.typedEnvironment }

  mutating func check(_ node: YAMLNode) {
    switch node.content {
    case .scalar(let scalar): checkText(node, scalar)
    case .sequence(let items): for item in items { check(item) }
    case .mapping(let entries):
      if node["each"] != nil, node["emit"] != nil {
        checkLoop(node, entries)
      } else {
        for entry in entries { check(entry.value) }
      }
    }
  }

  private mutating func checkLoop(_ node: YAMLNode, _ entries: [YAMLEntry]) {
    for entry in entries where !Template.loopKeys.contains(entry.keyText) {
      diagnostics.append(unknownKey(entry, in: "each", allowed: Template.loopKeys, beside: entries))
    }
    if let list = node.child("each") { checkSingle(list) }
    let outer = environment
    environment = outer.adding(variables: [loopVariable(node)])
    if let condition = node.child("when") { checkSingle(condition) }
    if let emit = node["emit"]?.value { check(emit) }
    environment = outer
  }

  private mutating func loopVariable(_ node: YAMLNode) -> String {
    guard let name = node.child("as") else { return Template.defaultLoopVariable }
    let text = name.scalar?.text ?? ""
    if !isIdentifier(text) {
      diagnostics.append(
        Diagnostic(.invalidName, "'\(text)' is not a name for a variable", at: name.headSpan, help: "write as: item"))
    }
    return text
  }

  private mutating func checkSingle(_ node: YAMLNode) {
    guard let scalar = node.scalar else {
      diagnostics.append(
        Diagnostic(.expressionExpected, "an expression is expected here: ${ ... }", at: node.headSpan))
      return
    }
    checkSingleExpression(node, scalar)
  }

  mutating func checkSingleExpression(_ node: YAMLNode, _ scalar: YAMLScalar) {
    guard let parts = parts(node, scalar) else { return }
    guard parts.count == 1, case .expression(let source, let range) = parts[0] else {
      diagnostics.append(
        Diagnostic(
          .expressionExpected, "one expression is expected here, with nothing before or after it", at: node.span,
          help: "write ${ \(scalar.text) }"))
      return
    }
    check(source, range, node, scalar)
  }

  private mutating func checkText(_ node: YAMLNode, _ scalar: YAMLScalar) {
    refuse(scalar.value, node.headSpan)
    guard case .string = scalar.core, scalar.text.utf8.contains(0x24), let parts = parts(node, scalar) else { return }
    for case .expression(let source, let range) in parts {
      let constant = check(source, range, node, scalar)?.constantValue
      guard parts.count == 1, let constant else { continue }
      refuse(constant, SourceSpan(file: node.span.file, range: scalar.sourceRange(of: range)))
    }
  }

  /// Refuses a constant that JSON cannot write.
  private mutating func refuse(_ value: Value, _ span: SourceSpan) {
    guard let number = value.unwritableNumber else { return }
    diagnostics.append(Diagnostic(.unwritableNumber, number.message, at: span))
  }

  private mutating func parts(_ node: YAMLNode, _ scalar: YAMLScalar) -> [ExpressionText.Part]? {
    do throws(ExpressionIssue) {
      return try ExpressionText.parse(scalar.text)
    } catch {
      report(error, at: 0, node, scalar)
      return nil
    }
  }

  @discardableResult
  private mutating func check(
    _ source: String, _ range: Range<Int>, _ node: YAMLNode, _ scalar: YAMLScalar
  ) -> Expression? {
    do throws(ExpressionIssues) {
      let expression = try Expression(source, environment: environment)
      for doubt in expression.doubts { report(doubt, at: range.lowerBound, node, scalar) }
      return expression
    } catch {
      for issue in error.issues { report(issue, at: range.lowerBound, node, scalar) }
      return nil
    }
  }

  private mutating func report(_ issue: ExpressionIssue, at offset: Int, _ node: YAMLNode, _ scalar: YAMLScalar) {
    let range = scalar.sourceRange(of: offset + issue.range.lowerBound..<offset + issue.range.upperBound)
    diagnostics.append(Diagnostic(issue, at: SourceSpan(file: node.span.file, range: range)))
  }
}

extension Diagnostic {
  /// The finding about an expression's issue.
  public init(_ issue: ExpressionIssue, at span: SourceSpan, secondary: [Label] = []) {
    let code: DiagnosticCode =
      switch issue.kind {
      case .syntax, .unknownName, .unknownFunction, .argumentCount: .invalidExpression
      case .noOverload: .wrongOperand
      case .unknownField: .unknownField
      case .neverEqual: .neverEqual
      case .enumMismatch: .notInEnumeration
      case .possibleNull: .possibleNull
      case .possiblyMissing: .possiblyMissing
      case .possibleMismatch: .possibleMismatch
      case .lossy: .lossyNumber
      case .invalidLiteral: .invalidLiteral
      }
    self.init(code, issue.message, at: span, secondary: secondary, help: issue.help)
  }
}

private func isIdentifier(_ text: String) -> Bool {
  guard let first = text.utf8.first, first == 0x5F || Character(UnicodeScalar(first)).isLetter, first < 0x80 else {
    return false
  }
  return text.utf8.allSatisfy {
    $0 == 0x5F || ($0 < 0x80 && Character(UnicodeScalar($0)).isLetter) || (0x30...0x39).contains($0)
  }
}
