public import Expressions
import Values

extension Schema {
  /// The type expressions are checked with: what values of the schema are, once they are read from JSON.
  ///
  /// A schema that refers to itself is anything the second time round, as is what would be larger than a type may be.
  public var expressionType: ExpressionType {
    var typing = SchemaTyping()
    return typing.type(of: self, at: "")
  }
}

/// Turns schemas into types.
private struct SchemaTyping {
  /// How many fields and elements a type may have.
  private var budget = 20_000
  private var path: [[Int]] = []

  mutating func type(of schema: Schema, at place: String) -> ExpressionType {
    budget -= 1
    guard budget > 0, path.count < 100, !schema.rules.isEmpty, !path.contains(schema.rules) else { return .dyn }
    path.append(schema.rules)
    defer { path.removeLast() }
    let shapes = schema.shapes
    if shapes.isEmpty || shapes.contains(where: \.isUnconstrained) { return .dyn }
    var types: [ExpressionType] = []
    var records: [RecordType] = []
    for shape in shapes {
      for member in type(of: shape, schema.name, at: place).members {
        if case .record(let record) = member { records.append(record) } else { types.append(member) }
      }
    }
    return .union(of: (records.isEmpty ? [] : [.record(SchemaTyping.merged(records))]) + types)
  }

  /// One record for what may be any of several: a field that only some have need not be there.
  private static func merged(_ records: [RecordType]) -> RecordType {
    guard let first = records.first, records.count > 1 else { return records.first ?? RecordType([]) }
    var names: [String] = []
    for name in records.flatMap(\.names) where !names.contains(name) { names.append(name) }
    let fields = names.map { name in
      let own = records.compactMap { $0.field(name) }
      let isRequired = own.count == records.count && own.allSatisfy(\.isRequired)
      let others = records.filter { $0.field(name) == nil }.compactMap(\.others)
      return RecordType.Field(name, .union(of: own.map(\.type) + others), isRequired: isRequired)
    }
    let others = records.compactMap(\.others)
    return RecordType(name: first.name, fields, others: others.isEmpty ? nil : .union(of: others))
  }

  private mutating func type(of shape: SchemaShape, _ name: String, at place: String) -> ExpressionType {
    var types: [ExpressionType] = []
    for type in [.boolean, .integer, .number, .string, .array, .object, .null] as [SchemaType]
    where shape.types.contains(type) {
      switch type {
      case .null: types.append(.null)
      case .boolean: types.append(.bool)
      case .integer: if !shape.types.contains(.number) { types.append(.int) }
      case .number: types.append(number(shape))
      case .string: types.append(shape.values.map { .enumeration($0.compactMap(\.stringValue)) } ?? .string)
      case .array: types.append(.list(elements(of: shape, at: place)))
      case .object: types.append(object(shape, name, at: place))
      }
    }
    return .union(of: types)
  }

  /// Numbers that are counted up are of the types these have.
  private func number(_ shape: SchemaShape) -> ExpressionType {
    guard let values = shape.values?.filter(\.isNumber) else { return .number }
    return .union(of: values.map { if case .decimal = $0 { .decimal } else { .int } })
  }

  private mutating func elements(of shape: SchemaShape, at place: String) -> ExpressionType {
    let schemas = shape.itemSchemas
    if schemas.isEmpty || shape.hasOpenItems { return .dyn }
    var types: [ExpressionType] = []
    for schema in schemas { types.append(type(of: schema, at: place + "[]")) }
    return .union(of: types)
  }

  private mutating func object(_ shape: SchemaShape, _ name: String, at place: String) -> ExpressionType {
    var others: ExpressionType?
    switch shape.others {
    case .none: break
    case .any: others = .dyn
    case .schema(let schema): others = type(of: schema, at: place)
    }
    for schema in shape.patternSchemas {
      let type = type(of: schema, at: place)
      others = others.map { .union(of: [$0, type]) } ?? type
    }
    let required = Set(shape.required)
    let names = shape.propertyNames
    var fields: [RecordType.Field] = []
    for field in names {
      guard let schema = shape.property(field) else { continue }
      let path = place.isEmpty ? field : "\(place).\(field)"
      fields.append(.init(field, type(of: schema, at: path), isRequired: required.contains(field)))
    }
    // What must be there is there, declared or not.
    for field in shape.required where !names.contains(field) {
      if let others { fields.append(.init(field, others)) }
    }
    if fields.isEmpty, let others { return .map(.string, others) }
    return .record(RecordType(name: place.isEmpty ? name : "\(place) of \(name)", fields, others: others))
  }
}
