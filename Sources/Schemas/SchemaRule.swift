import SourceText
import Values

/// What one schema says: its keywords, with other schemas by their numbers in the document.
struct SchemaRule: Sendable {
  struct Property: Sendable {
    let name: String
    let schema: Int
  }

  struct Required: Sendable {
    let name: String
    let span: SourceSpan?
  }

  /// What a map may have besides its properties.
  enum Others: Sendable {
    /// The schema does not say.
    case unsaid
    case none
    case any
    case schema(Int)
  }

  /// Bounds of numbers, texts, lists and maps.
  struct Bounds: Sendable {
    var minimum: Value?
    var maximum: Value?
    var exclusiveMinimum: Value?
    var exclusiveMaximum: Value?
    var multipleOf: Value?
    var minLength: Int64?
    var maxLength: Int64?
    var pattern: SchemaPattern?
    var minItems: Int64?
    var maxItems: Int64?
    var uniqueItems = false
    var minProperties: Int64?
    var maxProperties: Int64?
  }

  /// Where it is declared: its key, else its beginning.
  let span: SourceSpan?
  /// The schema `false`: nothing is one.
  var isNever = false
  var types: Set<SchemaType>?
  /// The values of `enum`.
  var allowed: [Value]?
  var constant: Value?
  var properties: [Property] = []
  var places: [String: Int] = [:]
  var patterns: [(pattern: SchemaPattern, schema: Int)] = []
  var others = Others.unsaid
  /// Whether a keyword that is not understood may declare further fields.
  var isOpen = false
  var required: [Required] = []
  var items: Int?
  var prefixItems: [Int] = []
  var reference: Int?
  var allOf: [Int] = []
  var anyOf: [Int] = []
  var oneOf: [Int] = []
  var bounds = Bounds()
  var title: String?
  var description: String?
  var format: String?
  var deprecated = false

  init(at span: SourceSpan?) { self.span = span }

  /// Whether the same value is to be as other schemas say as well.
  var leadsOn: Bool { reference != nil || !allOf.isEmpty || !anyOf.isEmpty || !oneOf.isEmpty }
}
