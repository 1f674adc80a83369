import Declarations
import Diagnostics
import Expressions
import Resolving
import Schemas
import SourceText
import Templates
import YAMLSyntax

/// Checks a hub's expressions with the types of its records, and what its mapping makes with the target's schema.
struct HubTypes {
  private let hub: Declaration
  private let workspace: Workspace
  private let library: SchemaLibrary
  private(set) var diagnostics = Diagnostics()
  private(set) var coverage: HubCoverage

  init(_ hub: Declaration, _ workspace: Workspace, _ library: SchemaLibrary) {
    self.hub = hub
    self.workspace = workspace
    self.library = library
    coverage = HubCoverage(hub: hub.name, span: hub.nameSpan)
  }

  mutating func check() {
    let source = entry(of: "source", "query")
    let document = entry(of: "target", "execute")
    let record = (source?.type ?? upstreamType(of: hub, [hub.name])).map { withParent($0, of: hub, [hub.name]) }
    let types = record.map { ["record": $0] } ?? [:]
    let places = SchemaPlaces(record: source?.schema)
    for key in ["key", "number"] { checkExpression(hub.spec.child("source", key), .record, types, places, nil) }
    checkFields(types, places)
    checkParents()
    checkLookup(document)
    let select = hub.spec.child("select")
    let condition = checkExpression(select, .record, types, places, "'select' wants true or false")
    checkExpression(hub.spec.child("hold"), .record, types, places, "'hold' wants true or false", where: condition)
    guard let mapping = hub.spec["mapping"], !mapping.value.isNull else { return }
    var typer = TemplateTyper(.mapping, mappingTypes(record), places: places, library: library)
    if let condition { typer.assume(condition) }
    let template = typer.check(mapping.value, head: mapping.key.span)
    take(typer)
    var fit: MappingFit
    if let document {
      fit = MappingFit(isPartial: false)
      // With a list at its top, each element is a document of its own.
      if hub.fansOut, case .loop(let element) = template.content {
        fit.compare(element, document.schema, "")
      } else {
        fit.compare(template, document.schema, "")
      }
    } else {
      fit = .uncompared(template, "its API does not say what a document is like")
    }
    diagnostics.append(contentsOf: fit.findings.map { traced($0) })
    coverage.fields = fit.fields
    coverage.uncheckedFields = fit.gaps
  }

  /// A hub's record with the field that its parent is kept in.
  private func withParent(_ record: ExpressionType, of hub: Declaration, _ seen: Set<String>) -> ExpressionType {
    guard let parents = hub.spec.child("source", "parents"), let into = parents.text("into"),
      case .record(let type) = record
    else { return record }
    let parent = parentType(parents, seen) ?? .dyn
    let others = type.fields.filter { $0.name != into }
    return .record(RecordType(name: type.name, others + [.init(into, parent)], others: type.others))
  }

  /// What a parent is like; nil where that is not said.
  private func parentType(_ parents: YAMLNode, _ seen: Set<String>) -> ExpressionType? {
    if let hub = parents.text("hub") { return UpstreamType.record(content: content(of: hub, seen)) }
    return parents.text("api").flatMap { workspace[.standardAPI, $0] }.flatMap { library.entry(of: $0)?.type }
  }

  /// Checks what is said of the parents for each of which the source is asked, over what they are.
  private mutating func checkParents() {
    guard let parents = hub.spec.child("source", "parents"),
      case .object(let side) = hub.kind.spec.field("source")?.type,
      case .object(let spec) = side.field("parents")?.type
    else { return }
    let types = parentType(parents, [hub.name]).map { ["record": $0] } ?? [:]
    let lister = parents.text("api").flatMap { workspace[.standardAPI, $0] }
    var checker = FieldTypes(places: SchemaPlaces(record: lister.flatMap { library.entry(of: $0)?.schema })) {
      $0 == .record ? types : [:]
    }
    checker.check(parents, spec, "parents")
    take(checker)
  }

  /// What a record is like that comes from another hub, with what that one keeps; nil where the source is none.
  ///
  /// - Parameter seen: hubs that were gone through, of which a circle would go on without end.
  private func upstreamType(of hub: Declaration, _ seen: Set<String>) -> ExpressionType? {
    guard let name = hub.upstream?.scalar?.text else { return nil }
    return UpstreamType.record(content: content(of: name, seen))
  }

  /// What a hub keeps of its records.
  private func content(of name: String, _ seen: Set<String>) -> ExpressionType {
    guard let hub = workspace[.hub, name], !seen.contains(name) else { return .dyn }
    let seen = seen.union([name])
    if let own = upstreamType(of: hub, seen) { return own }
    guard let source = hub.spec.child("source"), let api = source.text("api").flatMap({ workspace[.standardAPI, $0] }),
      let type = library.entry(of: api, source)?.type
    else { return .dyn }
    return withParent(type, of: hub, seen)
  }

  /// What a mapping knows: of a hub that groups records, all of the group; of any other one, no group.
  private func mappingTypes(_ record: ExpressionType?) -> [String: ExpressionType] {
    let isGrouped = hub.spec.child("group") != nil
    var types: [String: ExpressionType] = ["group": isGrouped ? .string : .null]
    types["record"] = record
    types["records"] = isGrouped ? .list(record ?? .dyn) : .null
    if isGrouped { types["delivered"] = .null }
    return types
  }

  /// Checks the expressions beside selection and mapping that see a record.
  private mutating func checkFields(_ types: [String: ExpressionType], _ places: SchemaPlaces) {
    for path in [["group"], ["target", "void"], ["writeBack"]] {
      var (node, type) = (Optional(hub.spec), Optional(FieldType.object(hub.kind.spec)))
      for name in path {
        guard case .object(let spec) = type else { break }
        type = spec.field(name)?.type
        node = node?.child(name)
      }
      guard let node, let type else { continue }
      var checker = FieldTypes(places: places) { $0 == .record ? types : [:] }
      checker.check(node, type, path.last ?? "")
      take(checker)
    }
  }

  /// Checks how the hub itself says that a record is looked up; what its API says is checked there.
  private mutating func checkLookup(_ document: SchemaLibrary.Entry?) {
    guard let target = hub.spec.child("target"), let node = target.child("lookup"),
      let api = target.text("api").flatMap({ workspace[.standardAPI, $0] }),
      case .object(let side) = hub.kind.spec.field("target")?.type, let type = side.field("lookup")?.type,
      let lookup = DeclaredLookup(target, api)
    else { return }
    let platform = api.spec.text("platform").flatMap { workspace[.platform, $0] }
    var checker = LookupTypes(
      lookup, document: document?.type, with: ParameterTypes.with(api.spec.child("parameters")),
      connector: platform.map { ParameterTypes.connector($0, secrets: false) }, workspace, library
    ).checker
    checker.check(node, type, "lookup")
    take(checker)
  }

  private mutating func take(_ checker: FieldTypes) {
    diagnostics.append(contentsOf: checker.diagnostics.all.map { traced($0) })
    coverage.expressions += checker.expressions
    coverage.uncheckedExpressions += checker.gaps
  }

  /// What one side's records or documents are like; notes where that is not said.
  private mutating func entry(of side: String, _ effect: String) -> SchemaLibrary.Entry? {
    guard let node = hub.spec.child(side), let mention = node.child("api"), let name = mention.scalar?.text,
      let api = workspace[.standardAPI, name], api.spec.text("effect") == effect
    else { return nil }
    guard let entry = library.entry(of: api, node) else {
      coverage.withoutSchema.append((name, mention.span, effect == "execute"))
      return nil
    }
    // What the API's own schema has has been told there.
    if let own = node["schema"] {
      let known = Set(library.entry(of: api)?.issues ?? [])
      diagnostics.append(
        contentsOf: findings(about: entry.issues.filter { !known.contains($0) }, at: own.key.span))
    }
    return entry
  }

  /// Checks one expression; gives its text where it could be read.
  ///
  /// - Parameter known: what holds wherever it is evaluated.
  @discardableResult
  private mutating func checkExpression(
    _ node: YAMLNode?, _ scope: ExpressionScope, _ types: [String: ExpressionType], _ places: SchemaPlaces,
    _ condition: String?, where known: String? = nil
  ) -> String? {
    guard let node else { return nil }
    var typer = TemplateTyper(scope, types, places: places)
    if let known { typer.assume(known) }
    let (type, source) = typer.checkSingle(node)
    if let condition { typer.expect(.bool, type, condition, node) }
    take(typer)
    return source
  }

  private mutating func take(_ typer: TemplateTyper) {
    diagnostics.append(contentsOf: typer.diagnostics.all.map { traced($0) })
    coverage.expressions += typer.expressions
    coverage.uncheckedExpressions += typer.gaps
  }

  /// The finding with the place that uses a shared mapping, where that is what is wrong.
  private func traced(_ finding: Diagnostic) -> Diagnostic {
    guard let mention = hub.spec.child("fieldMapping"), let name = mention.scalar?.text,
      let shared = workspace[.fieldMapping, name], let span = finding.primary?.span,
      workspace.chain(of: shared.address).contains(where: { holds($0.span, span) }), !holds(hub.span, span)
    else { return finding }
    var copy = finding
    copy.secondary.append(Label(mention.span, "\(hub.address) uses it here"))
    return copy
  }

  private func holds(_ outer: SourceSpan, _ inner: SourceSpan) -> Bool {
    outer.file == inner.file && outer.range.contains(inner.range.lowerBound)
  }
}

/// Checks a shared mapping with the standard APIs it names; fields it leaves out may be written by the hubs that use it.
func checkTypes(ofMapping mapping: Declaration, _ workspace: Workspace, _ library: SchemaLibrary) -> Diagnostics {
  func entry(_ key: String, _ effect: String) -> SchemaLibrary.Entry? {
    mapping.spec.text(key).flatMap { workspace[.standardAPI, $0] }
      .flatMap { $0.spec.text("effect") == effect ? library.entry(of: $0) : nil }
  }
  guard let body = mapping.spec["mapping"], !body.value.isNull else { return Diagnostics() }
  let record = entry("source", "query")
  let types = record.map { ["record": $0.type, "records": .list($0.type)] } ?? [:]
  var typer = TemplateTyper(.mapping, types, places: SchemaPlaces(record: record?.schema), library: library)
  let template = typer.check(body.value, head: body.key.span)
  var diagnostics = typer.diagnostics
  if let document = entry("target", "execute") {
    var fit = MappingFit(isPartial: true)
    if case .loop(let element) = template.content {
      fit.compare(element, document.schema, "")
    } else {
      fit.compare(template, document.schema, "")
    }
    diagnostics.append(contentsOf: fit.findings)
  }
  return diagnostics
}
