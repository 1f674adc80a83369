import Declarations
import Expressions
import Resolving
import Templates
import YAMLSyntax

/// What is known of the variables where a record is looked up.
struct LookupTypes {
  private let document: ExpressionType?
  private let with: ExpressionType
  private let connector: ExpressionType?
  private let found: SchemaLibrary.Entry?

  /// - Parameters:
  ///   - document: what the write's documents are like.
  ///   - with: the write's parameters.
  init(
    _ lookup: DeclaredLookup, document: ExpressionType?, with: ExpressionType, connector: ExpressionType?,
    _ workspace: Workspace, _ library: SchemaLibrary
  ) {
    self.document = document
    self.with = with
    self.connector = connector
    let query = lookup["api"]?.scalar.flatMap { workspace[.standardAPI, $0.text] }
    found = query.flatMap { $0.spec.text("effect") == "query" ? library.entry(of: $0) : nil }
  }

  /// Checks the fields of a lookup.
  var checker: FieldTypes {
    FieldTypes(places: SchemaPlaces(record: found?.schema)) { types(in: $0) }
  }

  private func types(in scope: ExpressionScope) -> [String: ExpressionType] {
    var types: [String: ExpressionType?] = [:]
    switch scope {
    // What the target has is not looked up.
    case .item: types = ["document": document, "with": with, "delivered": .null]
    case .record: types = ["record": found?.type]
    case .lookup: types = ["with": with]
    // A request that stands in the lookup itself has no parameters, and nothing of what is written.
    case .apiRequest:
      types = [
        "connector": connector, "with": .record(RecordType(name: "a lookup's own request", [])), "window": .null,
        "items": .null, "document": .null, "idempotencyKey": .null, "delivered": .null, "key": .string,
        "keys": .list(.string),
      ]
    default: break
    }
    return types.compactMapValues(\.self)
  }
}
