import Declarations
import Diagnostics
import Expressions
import Resolving
public import SourceText
import Templates
public import YAMLSyntax

/// What a mapping asks by name.
public struct AskedLookups {
  /// The value mappings, and where: the name is nil where it is not written in the expression.
  public private(set) var tables: [(name: String?, span: SourceSpan)] = []
  /// The calls of `find()` and `findDelivered()`.
  public private(set) var records: [AskedRecord] = []

  /// What a tree asks.
  public init(in node: YAMLNode) { visit(node) }

  private mutating func visit(_ node: YAMLNode) {
    switch node.content {
    case .mapping(let entries): for entry in entries { visit(entry.value) }
    case .sequence(let items): for item in items { visit(item) }
    case .scalar(let scalar):
      guard mayAsk(scalar.text), let parts = try? ExpressionText.parse(scalar.text) else { return }
      for case .expression(let source, let range) in parts { visit(source, range.lowerBound, node, scalar) }
    }
  }

  private mutating func visit(_ source: String, _ start: Int, _ node: YAMLNode, _ scalar: YAMLScalar) {
    func span(_ range: Range<Int>) -> SourceSpan {
      let place = scalar.sourceRange(of: start + range.lowerBound..<start + range.upperBound)
      return SourceSpan(file: node.span.file, range: place)
    }
    for call in Expression.literalCalls(of: ExpressionScope.lookupFunctions, in: source) {
      tables.append((call.argument, span(call.range)))
    }
    for call in Expression.literalMapCalls(of: ExpressionScope.findFunctions, in: source) {
      records.append(
        AskedRecord(
          function: call.function, hub: call.name, hubSpan: span(call.nameRange),
          fields: call.keys.map { ($0.text, span($0.range)) }, fieldsSpan: call.mapRange.map(span)))
    }
  }
}

/// A call of `find()` or `findDelivered()`.
public struct AskedRecord {
  /// The function's name.
  public let function: String
  /// The hub; nil where its name is not written in the expression.
  public let hub: String?
  let hubSpan: SourceSpan
  /// The fields; nil where a name is not written in the expression.
  public let fields: [(name: String?, span: SourceSpan)]
  /// Where they stand; nil where the map is not written in the expression.
  let fieldsSpan: SourceSpan?
}

/// Whether a text may hold a call that asks: most do not, and need not be read once more.
private func mayAsk(_ text: String) -> Bool {
  var text = text
  return text.withUTF8 { bytes in
    guard bytes.count >= 8 else { return false }
    // `value` and `reverseValue` have the one word in them, `find` and `findDelivered` the other.
    for place in 0..<bytes.count - 4 where bytes[place] == 0x61 || bytes[place] == 0x66 {
      let word = (bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3])
      if word == (0x61, 0x6C, 0x75, 0x65) || word == (0x66, 0x69, 0x6E, 0x64) { return true }
    }
    return false
  }
}

/// Checks that every value mapping and every hub that is asked by name is declared, and that the fields are named.
func checkLookups(_ mapping: YAMLNode?, _ workspace: Workspace) -> Diagnostics {
  guard let mapping else { return Diagnostics() }
  let asked = AskedLookups(in: mapping)
  var diagnostics = Diagnostics(asked.tables.compactMap { check(table: $0.name, at: $0.span, workspace) })
  for record in asked.records { check(record, workspace, &diagnostics) }
  return diagnostics
}

private func check(table name: String?, at span: SourceSpan, _ workspace: Workspace) -> Diagnostic? {
  guard let name else {
    return Diagnostic(
      .invalidExpression, "the value mapping is named by a text in the expression itself", at: span,
      help: "write value(\"NAME\", code): a plan says which tables a hub needs")
  }
  let isKnown = workspace[.valueMapping, name] != nil || workspace.isUnread(name)
  return isKnown ? nil : unknownReference(.valueMapping, name, at: span, workspace)
}

private func check(_ record: AskedRecord, _ workspace: Workspace, _ diagnostics: inout Diagnostics) {
  let form = "write \(record.function)(\"HUB\", {\"FIELD\": value})"
  if let name = record.hub {
    if let hub = workspace[.hub, name], hub.isAbstract {
      diagnostics.append(
        Diagnostic(
          .unknownResource, "\(hub.address) is abstract and keeps no records", at: record.hubSpan,
          secondary: [Label(hub.nameSpan, "declared abstract here")], help: "name one that extends it"))
    } else if workspace[.hub, name] == nil, !workspace.isUnread(name) {
      diagnostics.append(unknownReference(.hub, name, at: record.hubSpan, workspace))
    }
  } else {
    diagnostics.append(
      Diagnostic(
        .invalidExpression, "the hub is named by a text in the expression itself", at: record.hubSpan,
        help: "\(form): a plan says which hubs' records a hub needs"))
  }
  guard let span = record.fieldsSpan, !record.fields.isEmpty else {
    diagnostics.append(
      Diagnostic(
        .invalidExpression, "the fields are named by a map in the expression itself",
        at: record.fieldsSpan ?? record.hubSpan, help: "\(form): the store keeps an index for them"))
    return
  }
  for field in record.fields where field.name.map(isFieldPath) != true {
    diagnostics.append(
      Diagnostic(
        .invalidExpression,
        field.name.map { "'\($0)' is not the name of a field" }
          ?? "a field is named by a text in the expression itself",
        at: field.name == nil && field.span.range.isEmpty ? span : field.span,
        help: "write \"code\", or \"buyer.code\" for a field of a map in the record"))
  }
}

/// Whether a text names a field of a record: names with dots between them.
private func isFieldPath(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count <= 200
    && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
}
