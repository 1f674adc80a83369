import Diagnostics
import Expressions
import Schemas
import SourceText
import Values

/// Compares what a mapping makes with the schema of the target's document.
struct MappingFit {
  private(set) var findings: [Diagnostic] = []
  /// How many fields the mapping writes.
  private(set) var fields = 0
  /// The fields that could not be compared.
  private(set) var gaps: [HubCoverage.Gap] = []
  /// Whether a field that must be there may still be written elsewhere, as beside a shared mapping.
  let isPartial: Bool

  init(isPartial: Bool) { self.isPartial = isPartial }

  /// The fields of a mapping whose target says nothing about its documents.
  static func uncompared(_ template: TypedTemplate, _ reason: String) -> MappingFit {
    var fit = MappingFit(isPartial: true)
    fit.skip(template, "", reason)
    return fit
  }

  /// Compares a part of the mapping.
  ///
  /// - Parameter path: where it stands in the document: `lines[].price`.
  mutating func compare(_ template: TypedTemplate, _ schema: Schema, _ path: String) {
    let shapes = schema.shapes
    if shapes.isEmpty || shapes.contains(where: \.isUnconstrained) { return take(template) }
    switch template.content {
    case .constant(let value):
      fields += 1
      for problem in schema.problems(in: value, isClosed: true, limit: 10) { report(problem, template.span, path) }
    case .value(let type):
      fields += 1
      if type.tellsNothing {
        gaps.append(.init(span: template.span, text: path, reason: "nothing is known of its value"))
      }
      for problem in schema.misfits(of: type) { report(problem, template.span, path) }
    case .list(let items):
      choose(shapes.filter { $0.types.contains(.array) }, template, schema, path, "a list") { fit, shape in
        for (index, item) in items.enumerated() { fit.compare(item, shape.item(at: index), path + "[\(index)]") }
      }
    case .loop(let element):
      choose(shapes.filter { $0.types.contains(.array) }, template, schema, path, "a list") { fit, shape in
        fit.compare(element, shape.item(at: .max), path + "[]")
      }
    case .map(let entries):
      choose(shapes.filter { $0.types.contains(.object) }, template, schema, path, "a map") { fit, shape in
        fit.compare(entries, template, shape, schema, path)
      }
    }
  }

  private mutating func compare(_ template: TypedTemplate, _ schema: Schema?, _ path: String) {
    if let schema { compare(template, schema, path) } else { take(template) }
  }

  private mutating func compare(
    _ entries: [TypedTemplate.Field], _ template: TypedTemplate, _ shape: SchemaShape, _ schema: Schema, _ path: String
  ) {
    var meant: Set<String> = []
    for entry in entries {
      let place = path.isEmpty ? entry.name : "\(path).\(entry.name)"
      if let wanted = shape.field(entry.name) {
        compare(entry.value, wanted, place)
      } else {
        take(entry.value)
        let (help, nearest) = shape.help(forUnknown: entry.name)
        if let nearest { meant.insert(nearest) }
        findings.append(
          Diagnostic(
            .unknownTargetField, "\(schema.name) has no field '\(place)'", at: entry.span,
            secondary: schema.span.map { [Label($0, "the fields are declared here")] } ?? [],
            help: help))
      }
    }
    if isPartial { return }
    // A field that is misspelt is not missing as well.
    let written = Set(entries.map(\.name)).union(meant)
    for name in shape.required where !written.contains(name) {
      let wanted = shape.property(name)
      let place = path.isEmpty ? name : "\(path).\(name)"
      findings.append(
        Diagnostic(
          .missingTargetField, "target field '\(place)' is missing: \(schema.name) does not take a document without it",
          at: template.head,
          secondary: (wanted?.span ?? schema.span).map { [Label($0, "declared here as required")] } ?? [],
          help: wanted?.summary ?? wanted.map { "it takes \($0.noun)" }))
    }
  }

  /// Compares with each shape that may be meant, and keeps what fits best.
  private mutating func choose(
    _ shapes: [SchemaShape], _ template: TypedTemplate, _ schema: Schema, _ path: String, _ noun: String,
    _ body: (inout MappingFit, SchemaShape) -> Void
  ) {
    guard !shapes.isEmpty else {
      take(template)
      let field = path.isEmpty ? "" : "target field '\(path)': "
      findings.append(
        Diagnostic(
          .wrongTargetType, "\(field)\(schema.noun) is expected, not \(noun)", at: template.head,
          secondary: schema.span.map { [Label($0, "declared here")] } ?? []))
      return
    }
    var best: MappingFit?
    for shape in shapes {
      var trial = MappingFit(isPartial: isPartial)
      body(&trial, shape)
      if best.map({ trial.weight < $0.weight }) ?? true { best = trial }
      if trial.findings.isEmpty { break }
    }
    guard let best else { return }
    findings += best.findings
    fields += best.fields
    gaps += best.gaps
  }

  private var weight: Int { findings.reduce(0) { $0 + ($1.severity == .error ? 100 : 1) } }

  /// Counts the fields of a part that anything may be.
  private mutating func take(_ template: TypedTemplate) { fields += template.leaves }

  private mutating func skip(_ template: TypedTemplate, _ path: String, _ reason: String) {
    switch template.content {
    case .constant, .value:
      fields += 1
      gaps.append(.init(span: template.span, text: path, reason: reason))
    case .list(let items): for (index, item) in items.enumerated() { skip(item, path + "[\(index)]", reason) }
    case .loop(let element): skip(element, path + "[]", reason)
    case .map(let entries):
      for entry in entries { skip(entry.value, path.isEmpty ? entry.name : "\(path).\(entry.name)", reason) }
    }
  }

  private mutating func report(_ problem: SchemaProblem, _ span: SourceSpan, _ path: String) {
    let separator = path.isEmpty || problem.path.isEmpty || problem.path.hasPrefix("[") ? "" : "."
    let place = path + separator + problem.path
    let field = place.isEmpty ? "" : "target field '\(place)': "
    findings.append(
      Diagnostic(
        code: problem.code, severity: problem.isDoubt ? .warning : nil, message: field + problem.message,
        primary: Label(span), secondary: problem.label, help: problem.help))
  }
}

extension TypedTemplate {
  /// How many fields it writes.
  fileprivate var leaves: Int {
    switch content {
    case .constant, .value: 1
    case .list(let items): items.reduce(0) { $0 + $1.leaves }
    case .loop(let element): element.leaves
    case .map(let entries): entries.reduce(0) { $0 + $1.value.leaves }
    }
  }
}

extension ExpressionType {
  /// Whether nothing is known of the value, or of what it holds.
  fileprivate var tellsNothing: Bool {
    switch self {
    case .dyn, .parameter, .optional(.dyn): true
    case .list(let element): element.tellsNothing
    case .map(_, let value): value == .dyn
    default: false
    }
  }
}
