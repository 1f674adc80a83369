import Declarations
import Diagnostics
import Expressions
import Resolving
import Schemas
import SourceText
import Templates
import YAMLSyntax

/// Checks the expressions of a platform's fields with what is known of its connectors.
func checkTypes(ofPlatform platform: Declaration) -> Diagnostics {
  let connector = ParameterTypes.connector(platform, secrets: true)
  var checker = FieldTypes(places: SchemaPlaces(record: nil)) { _ in ["connector": connector] }
  checker.check(platform.spec, platform.kind.spec, "")
  return checker.diagnostics
}

/// Checks the schema of a standard API, and the expressions of its fields with what is known of their variables.
func checkTypes(ofAPI api: Declaration, _ workspace: Workspace, _ library: SchemaLibrary) -> Diagnostics {
  let entry = library.entry(of: api)
  var diagnostics = entry.map { findings(about: $0.issues, at: api.nameSpan) } ?? Diagnostics()
  let with = ParameterTypes.with(api.spec.child("parameters"))
  let platform = api.spec.text("platform").flatMap { workspace[.platform, $0] }
  let isQuery = api.spec.text("effect") == "query"
  let isBeside = !library.mainCalls.contains(api.name)
  var types: [String: ExpressionType] = ["with": with]
  if let platform { types["connector"] = ParameterTypes.connector(platform, secrets: false) }
  if let entry { types[isQuery ? "record" : "document"] = entry.type }
  let hasWindow = api.spec.child("window") != nil
  var checker = FieldTypes(places: SchemaPlaces(record: isQuery ? entry?.schema : nil)) { scope in
    var own = types.filter { scope.variables.contains($0.key) }
    guard scope == .apiRequest || scope == .item else { return own }
    own.merge(callTypes(isQuery: isQuery, isBeside: isBeside).filter { scope.variables.contains($0.key) }) { $1 }
    if scope == .apiRequest, isQuery, !hasWindow { own["window"] = .null }
    return own
  }
  checker.check(api.spec, api.kind.spec, "", besides: ["lookup"])
  diagnostics.append(contentsOf: checker.diagnostics)
  if let node = api.spec.child("lookup"), let type = api.kind.spec.field("lookup")?.type {
    let lookup = LookupTypes(
      DeclaredLookup(lookup: node), document: entry?.type, with: with, connector: types["connector"], workspace, library
    )
    var checker = lookup.checker
    checker.check(node, type, "lookup")
    diagnostics.append(contentsOf: checker.diagnostics)
  }
  return diagnostics
}

/// What is known of a request's variables by what its API is for.
///
/// A call that hubs only make beside their writes is made for a record that the target has, under the name it gave it. A query
/// that no hub reads with looks records up.
private func callTypes(isQuery: Bool, isBeside: Bool) -> [String: ExpressionType] {
  let delivered = ExpressionType.record(RecordType([.init("revision", .int), .init("id", .string)]))
  switch (isQuery, isBeside) {
  case (true, true): return ["delivered": .null, "key": .string, "keys": .list(.string)]
  case (true, false): return ["delivered": .null, "key": .string.orNull, "keys": .list(.string).orNull]
  case (false, true): return ["delivered": delivered, "key": .null, "keys": .null]
  case (false, false): return ["delivered": ExpressionScope.delivered, "key": .null, "keys": .null]
  }
}

/// Checks every expression in the fields of a resource.
struct FieldTypes {
  private(set) var diagnostics = Diagnostics()
  /// How many expressions there are.
  private(set) var expressions = 0
  /// The expressions of which some part is not known.
  private(set) var gaps: [HubCoverage.Gap] = []
  private let places: SchemaPlaces
  private let types: (ExpressionScope) -> [String: ExpressionType]

  /// - Parameter types: what is known of the variables of a scope besides what always is.
  init(places: SchemaPlaces, types: @escaping (ExpressionScope) -> [String: ExpressionType]) {
    self.places = places
    self.types = types
  }

  /// What the value of a field must be, by its name.
  private static let expected: [String: (type: ExpressionType, words: String)] = [
    "success": (.bool, "'success' wants true or false"), "more": (.bool, "'more' wants true or false"),
    "when": (.bool, "'when' wants true or false"), "exists": (.bool, "'exists' wants true or false"),
    "records": (.list(.dyn), "'records' wants a list"), "results": (.list(.dyn), "'results' wants a list"),
    "lines": (.int, "'lines' wants a number of lines"),
  ]

  /// - Parameter others: fields that are left to another checker.
  mutating func check(_ node: YAMLNode, _ spec: ObjectSpec, _ path: String, besides others: Set<String> = []) {
    for entry in node.entries ?? [] where !entry.value.isNull && !others.contains(entry.keyText) {
      if let field = spec.field(entry.keyText) { check(entry.value, field.type, field.name) }
    }
  }

  mutating func check(_ node: YAMLNode, _ type: FieldType, _ name: String) {
    switch type {
    case .object(let spec): check(node, spec, name)
    case .map(let element): for entry in node.entries ?? [] { check(entry.value, element, name) }
    case .list(let element): for item in node.items ?? [] { check(item, element, name) }
    case .expression(let scope):
      var typer = TemplateTyper(scope, types(scope), places: places)
      let (type, _) = typer.checkSingle(node)
      if let wanted = Self.expected[name] { typer.expect(wanted.type, type, wanted.words, node) }
      take(typer)
    case .textTemplate(let scope), .template(let scope):
      var typer = TemplateTyper(scope, types(scope), places: places)
      _ = typer.check(node)
      take(typer)
    default: break
    }
  }

  private mutating func take(_ typer: TemplateTyper) {
    diagnostics.append(contentsOf: typer.diagnostics)
    expressions += typer.expressions
    gaps += typer.gaps
  }
}
