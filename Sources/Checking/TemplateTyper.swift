import Declarations
import Diagnostics
import Expressions
import Schemas
import SourceText
import Templates
import Values
import YAMLSyntax

/// Checks the expressions of a template with the types of its variables, and finds out what the template makes.
///
/// It goes the way ``Template`` goes. What is wrong without any types has been found where the file was read, and is not told
/// again.
struct TemplateTyper {
  private(set) var diagnostics = Diagnostics()
  /// How many expressions there are.
  private(set) var expressions = 0
  /// The expressions of which some part is not known.
  private(set) var gaps: [HubCoverage.Gap] = []

  private var environment: ExpressionEnvironment
  /// The same without what schemas say.
  private var plain: ExpressionEnvironment
  private var places: SchemaPlaces

  /// - Parameters:
  ///   - scope: where the template stands.
  ///   - types: what is known of its variables besides what always is.
  ///   - places: where the schemas of the variables stand.
  init(
    _ scope: ExpressionScope, _ types: [String: ExpressionType], places: SchemaPlaces, library: SchemaLibrary? = nil
  ) {
    plain = scope.typedEnvironment
    let typed = plain.adding(types: types)
    environment = library?.addingTables(to: typed) ?? typed
    self.places = places
  }

  /// Takes what holds where a condition is true.
  mutating func assume(_ condition: String) { environment = environment.refined(by: condition) }

  // MARK: - Trees

  mutating func check(_ node: YAMLNode, head: SourceSpan? = nil) -> TypedTemplate {
    func made(_ content: TypedTemplate.Content) -> TypedTemplate {
      TypedTemplate(span: node.headSpan, head: head ?? node.headSpan, content: content)
    }
    switch node.content {
    case .scalar(let scalar): return made(checkText(node, scalar))
    case .sequence(let items):
      var parts: [TypedTemplate] = []
      for item in items { parts.append(check(item)) }
      return made(.list(parts))
    case .mapping(let entries):
      if node["each"] != nil, let emit = node["emit"] { return made(checkLoop(node, emit)) }
      var fields: [TypedTemplate.Field] = []
      for entry in entries {
        let value = check(entry.value, head: entry.key.span)
        fields.append(.init(name: entry.keyText, span: entry.key.span, value: value))
      }
      return made(.map(fields))
    }
  }

  private mutating func checkLoop(_ node: YAMLNode, _ emit: YAMLEntry) -> TypedTemplate.Content {
    let (outer, outerPlain, outerPlaces) = (environment, plain, places)
    defer { (environment, plain, places) = (outer, outerPlain, outerPlaces) }
    let variable = node.text("as") ?? Template.defaultLoopVariable
    var element = ExpressionType.dyn
    var schema: Schema?
    if let list = node.child("each") {
      let (type, source) = checkSingle(list)
      element = elements(of: type, list)
      schema = source.flatMap { places.schema(of: $0) }?.shapes.lazy.compactMap { $0.item(at: .max) }.first
    }
    plain = plain.adding(types: [variable: .dyn])
    environment = environment.adding(types: [variable: element])
    places = places.adding(variable, schema)
    if let condition = node.child("when") {
      let (type, source) = checkSingle(condition)
      expect(.bool, type, "'when' wants true or false", condition)
      if let source { assume(source) }
    }
    return .loop(check(emit.value, head: emit.key.span))
  }

  private mutating func elements(of type: ExpressionType, _ node: YAMLNode) -> ExpressionType {
    var elements: [ExpressionType] = []
    var others: [ExpressionType] = []
    for member in type.members {
      switch member {
      case .dyn, .parameter: return .dyn
      case .list(let element), .optional(.list(let element)): elements.append(element)
      default: others.append(member)
      }
    }
    for other in others {
      let isNull = other == .null && !elements.isEmpty
      let message = isNull ? "the list may be null" : "'each' goes over a list, not over \(other.withArticle)"
      report(
        isNull ? .possibleNull : elements.isEmpty ? .wrongOperand : .possibleMismatch, message, node,
        help: isNull ? "write ${ x == null ? [] : x }" : nil)
      if elements.isEmpty { break }
    }
    return elements.isEmpty ? .dyn : .union(of: elements)
  }

  // MARK: - Expressions

  /// Checks a text that is one expression; gives its type, and the expression where it could be read.
  mutating func checkSingle(_ node: YAMLNode) -> (type: ExpressionType, source: String?) {
    guard let scalar = node.scalar, let parts = parts(scalar), parts.count == 1,
      case .expression(let source, let range) = parts[0]
    else { return (.dyn, nil) }
    return (check(source, range, node, scalar).map { typeToCompare($0) } ?? .dyn, source)
  }

  /// Tells where a value is never of a type.
  mutating func expect(_ wanted: ExpressionType, _ type: ExpressionType, _ words: String, _ node: YAMLNode) {
    func fits(_ member: ExpressionType) -> Bool {
      switch (member, wanted) {
      case (.dyn, _), (.parameter, _), (.list, .list): true
      case (.optional(let inner), _): fits(inner)
      default: wanted.members.contains(member)
      }
    }
    let members = type.members
    if members.allSatisfy(fits) { return }
    if !members.contains(where: fits) {
      report(.wrongOperand, "\(words), not \(type.withArticle)", node)
    } else if members.filter({ !fits($0) }) == [.null] {
      report(.possibleNull, "\(words), and it may be null", node, help: "say what then: x == null ? ... : x")
    } else {
      report(
        .possibleMismatch,
        "\(words), and it may be \((.union(of: members.filter { !fits($0) }) as ExpressionType).withArticle)",
        node)
    }
  }

  private mutating func checkText(_ node: YAMLNode, _ scalar: YAMLScalar) -> TypedTemplate.Content {
    guard case .string = scalar.core, scalar.text.utf8.contains(0x24) else { return .constant(scalar.value) }
    guard let parts = parts(scalar) else { return .value(.dyn) }
    if parts.count == 1, case .expression(let source, let range) = parts[0] {
      guard let expression = check(source, range, node, scalar) else { return .value(.dyn) }
      return expression.constantValue.map { .constant($0) } ?? .value(typeToCompare(expression))
    }
    var literal: String? = ""
    for part in parts {
      switch part {
      case .text(let text): literal? += text
      case .expression(let source, let range):
        literal = nil
        guard let expression = check(source, range, node, scalar) else { continue }
        checkInterpolation(
          typeToCompare(expression), SourceSpan(file: node.span.file, range: scalar.sourceRange(of: range)), source)
      }
    }
    return literal.map { .constant(.string($0)) } ?? .value(.string)
  }

  /// The type to compare with what is wanted; of a field that need not be there, it has been told that it may be null.
  private func typeToCompare(_ expression: Expression) -> ExpressionType {
    let source = Array(expression.source.utf8)
    let isTold = expression.doubts.contains { doubt in
      doubt.kind == .possiblyMissing && source[..<doubt.range.lowerBound].allSatisfy { $0 <= 0x20 }
        && source[doubt.range.upperBound...].allSatisfy { $0 <= 0x20 }
    }
    return isTold ? expression.type.withoutNull : expression.type
  }

  /// Lists, maps and null have no text of their own.
  private mutating func checkInterpolation(_ type: ExpressionType, _ span: SourceSpan, _ source: String) {
    let members = type.members
    let textless = members.filter { member in
      switch member {
      case .null, .list, .map, .record, .type, .optional: true
      default: false
      }
    }
    guard let first = textless.first else { return }
    let isNull = if case .optional = first { true } else { first == .null }
    let code: DiagnosticCode =
      textless.count == members.count && !isNull ? .wrongOperand : isNull ? .possibleNull : .possibleMismatch
    diagnostics.append(
      Diagnostic(
        code,
        isNull
          ? "null cannot stand in the middle of a text" : "\(first.withArticle) cannot stand in the middle of a text",
        at: span, secondary: places.label(for: source),
        help: isNull ? "say what to write where it is null" : "write json(...) for its JSON text"))
  }

  private func parts(_ scalar: YAMLScalar) -> [ExpressionText.Part]? {
    // What cannot be taken apart has been reported where the file was read.
    try? ExpressionText.parse(scalar.text)
  }

  private mutating func check(
    _ source: String, _ range: Range<Int>, _ node: YAMLNode, _ scalar: YAMLScalar
  ) -> Expression? {
    expressions += 1
    func span(_ part: Range<Int>) -> SourceSpan {
      let place = range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound
      return SourceSpan(file: node.span.file, range: scalar.sourceRange(of: place))
    }
    do throws(ExpressionIssues) {
      let expression = try Expression(source, environment: environment)
      if !expression.doubts.isEmpty {
        for doubt in unknownWithoutTypes(expression.doubts, source) { report(doubt, span(doubt.range), source) }
      }
      if let part = expression.uncheckedRanges.first {
        let texts = expression.uncheckedRanges.map { String(decoding: Array(source.utf8)[$0], as: UTF8.self) }
        gaps.append(
          HubCoverage.Gap(
            span: span(part), text: texts.joined(separator: ", "),
            reason: "nothing is known of it before it is evaluated"))
      }
      return expression
    } catch {
      for issue in unknownWithoutTypes(error.issues, source) { report(issue, span(issue.range), source) }
      return nil
    }
  }

  /// The issues that only show with types; where one shows without, nothing more is said.
  private func unknownWithoutTypes(_ issues: [ExpressionIssue], _ source: String) -> [ExpressionIssue] {
    do throws(ExpressionIssues) {
      let known = try Expression(source, environment: plain).doubts
      return issues.filter { issue in !known.contains { $0.kind == issue.kind && $0.range == issue.range } }
    } catch {
      return []
    }
  }

  private mutating func report(_ issue: ExpressionIssue, _ span: SourceSpan, _ source: String) {
    let text = String(decoding: Array(source.utf8)[issue.range], as: UTF8.self)
    diagnostics.append(Diagnostic(issue, at: span, secondary: places.label(for: text)))
  }

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ node: YAMLNode, help: String? = nil
  ) {
    var place = node.headSpan
    var label: [Label] = []
    if let scalar = node.scalar, let parts = parts(scalar), parts.count == 1,
      case .expression(let source, let range) = parts[0]
    {
      place = SourceSpan(file: node.span.file, range: scalar.sourceRange(of: range))
      label = places.label(for: source)
    }
    diagnostics.append(Diagnostic(code, message, at: place, secondary: label, help: help))
  }
}
