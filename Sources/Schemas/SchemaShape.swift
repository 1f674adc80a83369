public import Values

/// One way a value can be as a schema says: rules without a choice among them.
public struct SchemaShape: Sendable {
  /// What a map may have besides the properties that are declared.
  public enum Others: Sendable {
    /// Nothing: an undeclared field is an unknown one.
    case none
    /// Anything.
    case any
    /// What is of a schema.
    case schema(Schema)
  }

  /// What the rules say together of the value itself.
  struct Facts: Sendable {
    let rules: [Int]
    let types: Set<SchemaType>
    let values: [Value]?

    init(_ rules: [Int], of all: [SchemaRule]) {
      self.rules = rules
      let parts = rules.map { all[$0] }
      values = SchemaShape.values(parts)
      types = SchemaShape.types(parts, values)
    }

    /// Whether there is a value of which all of it holds.
    var isPossible: Bool { !types.isEmpty && values.map { !$0.isEmpty } ?? true }
  }

  let document: SchemaDocument
  private let facts: Facts

  init(document: SchemaDocument, facts: Facts) {
    self.document = document
    self.facts = facts
  }

  /// The rules of some numbers, taken as one.
  init(document: SchemaDocument, rules: [Int]) {
    self.init(document: document, facts: Facts(rules, of: document.rules))
  }

  var rules: [Int] { facts.rules }

  /// The types a value may be of.
  public var types: Set<SchemaType> { facts.types }

  /// The only values there are, where the schema counts them up.
  public var values: [Value]? { facts.values }

  private static func values(_ parts: [SchemaRule]) -> [Value]? {
    var values: [Value]?
    for part in parts {
      for list in [part.allowed, part.constant.map { [$0] }].compactMap(\.self) {
        values = values.map { known in known.filter { list.contains($0) } } ?? list
      }
    }
    return values
  }

  /// The types of all parts at once; where none says a type, the one whose keywords are used.
  private static func types(_ parts: [SchemaRule], _ values: [Value]?) -> Set<SchemaType> {
    if parts.contains(where: \.isNever) { return [] }
    var types = Set(SchemaType.allCases)
    var isSaid = false
    for part in parts {
      guard let own = part.types else { continue }
      isSaid = true
      // A whole number is a number.
      let wide = own.contains(.number) ? own.union([.integer]) : own
      types.formIntersection(wide)
    }
    if let values {
      let kinds = Set(values.map { SchemaType(of: $0) })
      return types.intersection(kinds.contains(.integer) ? kinds.union([.number]) : kinds)
    }
    if isSaid { return types }
    if parts.contains(where: { !$0.properties.isEmpty || !$0.patterns.isEmpty || !$0.required.isEmpty }) {
      return [.object]
    }
    return parts.contains(where: { $0.items != nil || !$0.prefixItems.isEmpty }) ? [.array] : types
  }

  /// Whether anything is one.
  public var isUnconstrained: Bool { types.count == SchemaType.allCases.count && values == nil }

  private var parts: [SchemaRule] { rules.map { document.rules[$0] } }
  private func schema(_ rules: [Int]) -> Schema? { rules.isEmpty ? nil : Schema(document: document, rules: rules) }

  // MARK: - Maps

  /// The names of the properties, in the order declared.
  public var propertyNames: [String] {
    var seen: Set<String> = []
    return parts.flatMap(\.properties).map(\.name).filter { seen.insert($0).inserted }
  }

  /// The schema of a property that is declared.
  public func property(_ name: String) -> Schema? {
    schema(parts.compactMap { part in part.places[name].map { part.properties[$0].schema } })
  }

  /// The schema of a field, declared or not; nil where there is no such field.
  public func field(_ name: String) -> Schema? {
    if let property = property(name) { return property }
    let matching = parts.flatMap { part in part.patterns.filter { $0.pattern.matches(name) != false }.map(\.schema) }
    if let schema = schema(matching) { return schema }
    return switch others {
    case .none: nil
    case .any: Schema(document: document, rules: [])
    case .schema(let schema): schema
    }
  }

  /// The names of the fields that must be there.
  public var required: [String] {
    var seen: Set<String> = []
    return parts.flatMap(\.required).map(\.name).filter { seen.insert($0).inserted }
  }

  /// What there may be besides the properties.
  ///
  /// Properties are what there is, unless `additionalProperties` says otherwise: a misspelt field would else be one nobody
  /// knows. A schema that declares no property leaves all open.
  public var others: Others {
    let parts = parts
    if parts.contains(where: \.isOpen) { return .any }
    var schemas: [Int] = []
    var isAny = false
    var isClosed = false
    for part in parts {
      switch part.others {
      case .any: isAny = true
      case .schema(let index): schemas.append(index)
      case .none: isClosed = true
      case .unsaid: if !part.properties.isEmpty { isClosed = true }
      }
    }
    if let schema = schema(schemas) { return .schema(schema) }
    if isAny { return .any }
    return isClosed ? .none : .any
  }

  /// Schemas of fields by the form of their names.
  var patternSchemas: [Schema] { parts.flatMap { $0.patterns.compactMap { schema([$0.schema]) } } }

  // MARK: - Lists

  /// The schema of an element; nil where any will do.
  public func item(at index: Int) -> Schema? {
    schema(parts.compactMap { part in index < part.prefixItems.count ? part.prefixItems[index] : part.items })
  }

  /// The schemas that elements may be of, first the ones with a place of their own.
  var itemSchemas: [Schema] {
    let count = parts.map(\.prefixItems.count).max() ?? 0
    return (0..<count).compactMap { item(at: $0) } + (item(at: .max).map { [$0] } ?? [])
  }

  /// Whether elements after the first ones may be anything.
  var hasOpenItems: Bool { item(at: .max) == nil }

  // MARK: - Words

  /// The form a text has, by name: `date`, `date-time`.
  public var format: String? { parts.lazy.compactMap(\.format).first }

  /// What a value is, in a sentence: "a whole number", "one of open, closed".
  public var noun: String {
    if let values {
      let texts = values.prefix(10).map { $0.stringValue.map { "'\($0)'" } ?? $0.json() }
      return values.count == 1 ? texts[0] : "one of \(texts.joined(separator: ", "))\(values.count > 10 ? ", ..." : "")"
    }
    if isUnconstrained { return "anything" }
    var kinds = SchemaType.allCases.filter { types.contains($0) && $0 != .null }
    if kinds.contains(.number) { kinds.removeAll { $0 == .integer } }
    return alternatives(kinds.map(\.noun) + (types.contains(.null) ? ["null"] : []))
  }
}

extension Schema {
  /// What a value is, in a sentence.
  public var noun: String {
    var seen: Set<String> = []
    let nouns = shapes.map(\.noun).filter { seen.insert($0).inserted }
    return nouns.isEmpty ? "nothing" : alternatives(Array(nouns.prefix(6)))
  }

  /// Whether anything is one.
  public var isUnconstrained: Bool { shapes.contains(where: \.isUnconstrained) }
}
