import Declarations
import Diagnostics
import Expressions
public import Resolving
public import Schemas
import Values
import YAMLSyntax

/// What records, documents and code tables of a project are like: every schema is read once, whoever uses it.
public struct SchemaLibrary: Sendable {
  /// A schema that was read, with what expressions are checked with.
  struct Entry: Sendable {
    let schema: Schema
    let type: ExpressionType
    let issues: [SchemaIssue]
  }

  private let workspace: Workspace
  private let entries: [String: Entry]
  /// The code tables, by the names of their value mappings.
  let tables: [String: CodeTable]
  /// The names of the standard APIs that hubs read or write with, beside which others are called.
  let mainCalls: Set<String>
  private let tableTypes: [String: ExpressionType]
  private let codeTypes: [String: ExpressionType]

  /// Reads the schemas and the code tables of a project.
  public init(_ workspace: Workspace) {
    self.workspace = workspace
    var entries: [String: Entry] = [:]
    for api in workspace.resources where api.kind == .standardAPI {
      if let tree = workspace.schemaTree(of: SchemaLibrary.holder(of: api)) {
        entries[api.name] = SchemaLibrary.read(tree, api.name)
      }
    }
    self.entries = entries
    mainCalls = Set(
      workspace.resources.filter { $0.kind == .hub }.flatMap { hub in
        ["source", "target"].compactMap { hub.spec.child($0)?.text("api") }
      })
    var tables: [String: CodeTable] = [:]
    for mapping in workspace.resources where mapping.kind == .valueMapping {
      tables[mapping.name] = CodeTable(mapping, workspace)
    }
    self.tables = tables
    let types = workspace.resources.filter { $0.kind == .valueMapping }.compactMap { mapping in
      tables[mapping.name].flatMap { table in SchemaLibrary.type(of: table, mapping).map { (mapping.name, $0) } }
    }
    tableTypes = Dictionary(types, uniquingKeysWith: { first, _ in first })
    // A code that is kept as it is may be a number.
    codeTypes = tableTypes.mapValues { _ in .string }
  }

  /// Where a standard API says what its records or documents are like.
  private static func holder(of api: Declaration) -> YAMLNode? {
    api.spec.child(api.spec.text("effect") == "execute" ? "document" : "record")
  }

  private static func read(_ tree: YAMLNode, _ name: String) -> Entry {
    let (schema, issues) = Schema.read(tree.schemaTree, name: name)
    // What cannot be read says nothing: checking with the rest would find fields missing that it was to declare.
    if issues.contains(where: { $0.kind == .malformed }) {
      return Entry(schema: Schema.read(SchemaTree(.bool(true)), name: name).schema, type: .dyn, issues: issues)
    }
    return Entry(schema: schema, type: schema.expressionType, issues: issues)
  }

  /// The schema of a standard API's records or documents.
  func entry(of api: Declaration) -> Entry? { entries[api.name] }

  /// The schema for one side of a hub: the API's, and what the hub says besides.
  func entry(of api: Declaration, _ side: YAMLNode) -> Entry? {
    guard let additions = side.child("schema") else { return entry(of: api) }
    return workspace.schemaTree(of: SchemaLibrary.holder(of: api), with: additions).map {
      SchemaLibrary.read($0, api.name)
    }
  }

  /// What the records and the documents of a hub are like, where that is said.
  public func schemas(ofHub name: String) -> (record: Schema?, document: Schema?) {
    guard let hub = workspace[.hub, name] else { return (nil, nil) }
    func schema(_ key: String) -> Schema? {
      guard let side = hub.spec.child(key), let name = side.text("api"), let api = workspace[.standardAPI, name] else {
        return nil
      }
      return entry(of: api, side)?.schema
    }
    return (schema("source"), schema("target"))
  }

  // MARK: - Code tables

  /// An environment in which `value()` and `reverseValue()` have the types of their tables.
  func addingTables(to environment: ExpressionEnvironment) -> ExpressionEnvironment {
    let (values, codes) = (tableTypes, codeTypes)
    if values.isEmpty { return environment }
    return environment.adding(resultTypesOf: "value") { values[$0] }
      .adding(resultTypesOf: "reverseValue") { codes[$0] }
  }

  /// What a table gives; nil where it gives what it is asked, or nothing is in it.
  private static func type(of table: CodeTable, _ mapping: Declaration) -> ExpressionType? {
    let policy = mapping.spec.text("onMiss")
    guard policy != "keep", !table.entries.isEmpty else { return nil }
    var values = table.entries.map(\.value)
    if policy == "default" { values.append(mapping.spec.child("default")?.value ?? .null) }
    let texts = Set(values.compactMap(\.stringValue))
    let others = values.filter { $0.stringValue == nil }.prefix(1_000).map { ExpressionType(of: $0) }
    let strings: ExpressionType = texts.count > 256 ? .string : .enumeration(texts.sorted())
    return .union(of: (texts.isEmpty ? [] : [strings]) + others)
  }
}
