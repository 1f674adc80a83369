public import Diagnostics
import Expressions
import Scheduling
public import SourceText
import Templates
import Values
public import YAMLSyntax

/// Checks a tree against the specification of its fields: keys, types, the form of texts, the expressions in them.
///
/// Whether fields are missing is another question, asked once everything inherited is in: ``checkRequired(_:_:at:)``.
struct SpecChecker {
  private(set) var diagnostics = Diagnostics()

  mutating func checkObject(_ node: YAMLNode, _ spec: ObjectSpec) {
    guard let entries = node.entries else {
      if !node.isNull { report(.wrongType, "\(spec.title) is a map", node) }
      return
    }
    for entry in entries {
      if let field = spec.field(entry.keyText) {
        check(entry.value, field.type, name: field.name)
      } else {
        diagnostics.append(unknownKey(entry, in: spec.title, allowed: spec.fields.map(\.name), beside: entries))
      }
    }
  }

  /// Checks a value; null is always allowed, as it removes what would be inherited.
  private mutating func check(_ node: YAMLNode, _ type: FieldType, name: String) {
    if node.isNull { return }
    switch type {
    case .object(let spec): checkObject(node, spec)
    case .referenceOr(_, let spec):
      if node.entries != nil { return checkObject(node, spec) }
      if node.scalar == nil { reportType(node, type, name) }
    case .map(let element):
      guard let entries = node.entries else { return reportType(node, type, name) }
      for entry in entries { check(entry.value, element, name: "\(name).\(entry.keyText)") }
    case .list(let element):
      guard let items = node.items else { return reportType(node, type, name) }
      for item in items { checkItem(item, element, name: name) }
    case .value: break
    case .schema: if node.entries == nil { reportType(node, type, name) }
    case .template(let scope):
      var templates = TemplateChecker(scope: scope)
      templates.check(node)
      diagnostics.append(contentsOf: templates.diagnostics)
    case .expression, .textTemplate:
      guard let scalar = node.scalar else { return reportType(node, type, name) }
      checkExpressions(node, scalar, type)
    default:
      guard let scalar = node.scalar else { return reportType(node, type, name) }
      checkScalar(node, scalar, type, name)
    }
  }

  /// In a list null removes nothing: an item was forgotten.
  private mutating func checkItem(_ node: YAMLNode, _ type: FieldType, name: String) {
    switch type {
    case .value, .template: check(node, type, name: name)
    default:
      guard node.isNull else { return check(node, type, name: name) }
      report(.wrongType, "an item of '\(name)' is empty", node, help: "remove it, or write \(type.noun)")
    }
  }

  private mutating func checkExpressions(_ node: YAMLNode, _ scalar: YAMLScalar, _ type: FieldType) {
    switch type {
    case .expression(let scope):
      var checker = TemplateChecker(scope: scope)
      checker.checkSingleExpression(node, scalar)
      diagnostics.append(contentsOf: checker.diagnostics)
    case .textTemplate(let scope):
      var checker = TemplateChecker(scope: scope)
      checker.check(node)
      diagnostics.append(contentsOf: checker.diagnostics)
    default: break
    }
  }

  private mutating func checkScalar(_ node: YAMLNode, _ scalar: YAMLScalar, _ type: FieldType, _ name: String) {
    let text = scalar.text
    switch type {
    case .text, .reference, .file, .schemaFile:
      // A number or a truth value where a text is wanted: `name: 12` means the text "12" to everyone but YAML.
      break
    case .flag:
      guard case .bool = scalar.core else { return reportType(node, type, name) }
    case .integer(let range):
      guard case .integer(let number) = scalar.core, range.contains(number) else {
        return reportType(node, type, name)
      }
    case .choice(let values):
      guard !values.contains(text) else { return }
      let help = suggestion(text, among: values)
      report(
        .unknownChoice, "'\(text)' is not allowed for '\(name)', which takes \(type.noun)", node, help: help,
        fixIt: .naming(text, among: values, at: node.span))
    case .duration: requireForm(node, type, name, isLength(text))
    case .momentOrDuration:
      requireForm(node, type, name, Timestamp(text) != nil || isLength(text))
    case .errorAllowance: requireForm(node, type, name, ErrorAllowance(text) != nil)
    case .zone: requireForm(node, type, name, Zone(text) != nil)
    case .cron: checkCron(node, text, type, name)
    case .schedule: if text != "onRecords" { checkCron(node, text, type, name) }
    case .moment: requireForm(node, type, name, Timestamp(text) != nil)
    default: break
    }
  }

  /// Whether a text is a length of time of no more than a hundred years.
  private func isLength(_ text: String) -> Bool {
    TimeSpan(text, days: true).map { $0 >= .zero && $0.seconds <= 100 * 366 * 86_400 } ?? false
  }

  private mutating func checkCron(_ node: YAMLNode, _ text: String, _ type: FieldType, _ name: String) {
    do throws(CronError) {
      _ = try CronExpression(text)
    } catch {
      report(.invalidText, "'\(name)' takes \(type.noun); \(error.message)", node, help: error.help)
    }
  }

  private mutating func requireForm(_ node: YAMLNode, _ type: FieldType, _ name: String, _ isOfForm: Bool) {
    if isOfForm { return }
    let isLong = node.scalar.flatMap { TimeSpan($0.text, days: true) }.map { $0 > .zero } ?? false
    report(
      .invalidText, "'\(name)' takes \(type.noun)", node,
      help: isLong ? "a length of time has a hundred years at most" : nil)
  }

  private mutating func reportType(_ node: YAMLNode, _ type: FieldType, _ name: String) {
    report(.wrongType, "'\(name)' takes \(type.noun)", node)
  }

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ node: YAMLNode, help: String? = nil, fixIt: FixIt? = nil
  ) {
    diagnostics.append(Diagnostic(code, message, at: node.headSpan, help: help, fixIt: fixIt))
  }
}

/// Finds the fields that must be there and are not, once everything inherited is in.
///
/// - Parameter span: where to point at when the map itself is not there.
public func checkRequired(_ node: YAMLNode, _ spec: ObjectSpec, at span: SourceSpan) -> Diagnostics {
  var diagnostics = Diagnostics()
  for field in spec.fields {
    guard let value = node.child(field.name) else {
      if field.isRequired, field.substitute.map({ node.child($0) == nil }) ?? true {
        diagnostics.append(
          Diagnostic(.missingKey, "'\(field.name)' is missing in \(spec.title)", at: span, help: field.summary))
      }
      continue
    }
    diagnostics.append(contentsOf: checkRequired(value, field.type, at: node[field.name]?.key.span ?? span))
  }
  return diagnostics
}

private func checkRequired(_ node: YAMLNode, _ type: FieldType, at span: SourceSpan) -> Diagnostics {
  switch type {
  case .object(let spec), .referenceOr(_, let spec):
    return node.entries == nil ? Diagnostics() : checkRequired(node, spec, at: span)
  case .list(let element):
    return Diagnostics((node.items ?? []).flatMap { checkRequired($0, element, at: $0.headSpan).all })
  case .map(let element):
    return Diagnostics((node.entries ?? []).flatMap { checkRequired($0.value, element, at: $0.key.span).all })
  default: return Diagnostics()
  }
}
