/// What is known of places in a variable where a condition holds: `has(record.a)`, `record.b != null`.
struct Facts {
  /// The number of a way from a variable to a field.
  typealias Path = Int

  let paths: FieldPaths
  /// Fields that are there.
  private(set) var present: Set<Path> = []
  /// Fields that are not null.
  private(set) var filled: Set<Path> = []
  /// What values are, as `type(x) == string` tells.
  private(set) var types: [Path: ExpressionType] = [:]

  init(_ paths: FieldPaths) { self.paths = paths }

  /// What values are not, as a `type(x) == string` that is false tells.
  private(set) var excluded: [Path: [ExpressionType]] = [:]

  var isEmpty: Bool { present.isEmpty && filled.isEmpty && types.isEmpty && excluded.isEmpty }

  /// Notes that a field is there, so all on the way to it are maps.
  mutating func note(present path: Path) {
    var path = path
    // Where a field is known to be there, so are those on the way to it.
    while let parent = paths.parent(of: path), present.insert(path).inserted {
      path = parent
      filled.insert(path)
    }
  }

  mutating func note(filled path: Path) {
    note(present: path)
    filled.insert(path)
  }

  mutating func note(_ type: ExpressionType, of path: Path) {
    note(filled: path)
    types[path] = type
  }

  mutating func note(not type: ExpressionType, of path: Path) {
    note(present: path)
    excluded[path, default: []].append(type)
  }

  mutating func merge(_ other: Facts) {
    if other.isEmpty { return }
    present.formUnion(other.present)
    filled.formUnion(other.filled)
    types.merge(other.types) { $1 }
    excluded.merge(other.excluded) { $0 + $1 }
  }

  /// What a value at a place is, given what it is without these facts.
  func narrowed(_ type: ExpressionType, at path: Path) -> ExpressionType {
    if isEmpty { return type }
    let narrow = filledOrTyped(type, at: path)
    guard let excluded = excluded[path] else { return narrow }
    let rest = narrow.members.filter { member in !excluded.contains { $0.isSameKind(as: member) } }
    return rest.isEmpty ? narrow : .union(of: rest)
  }

  private func filledOrTyped(_ type: ExpressionType, at path: Path) -> ExpressionType {
    if let own = types[path] {
      // A text that is known to be one of these is no other that a schema allows.
      if let texts = own.strings {
        if type.withoutNull == .string { return own }
        if let declared = type.withoutNull.strings {
          let both = texts.filter(Set(declared).contains)
          return both.isEmpty ? type.withoutNull : .enumeration(both)
        }
      }
      let fitting = type.members.filter { $0.meets(own) }
      return type == .dyn || fitting.isEmpty ? own : .union(of: fitting)
    }
    return filled.contains(path) ? type.withoutNull : type
  }

  /// A variable's type with all that these facts say about its fields.
  func refined(_ type: ExpressionType, at path: Path) -> ExpressionType {
    let type = narrowed(type, at: path)
    guard case .record(var record) = type else { return type }
    let below = present.union(filled).union(types.keys).union(excluded.keys).filter { paths.parent(of: $0) == path }
    for (name, place) in below.map({ (paths.name(of: $0), $0) }).sorted(by: { $0.0 < $1.0 }) {
      guard let field = record.field(name) else { continue }
      record = record.setting(
        RecordType.Field(
          name, refined(field.type, at: place), isRequired: field.isRequired || present.contains(place)))
    }
    return .record(record)
  }
}

extension ExpressionType {
  /// Whether `type(x)` is the same for values of two types.
  fileprivate func isSameKind(as other: ExpressionType) -> Bool {
    switch (self, other) {
    case (.list, .list), (.optional, .optional), (.map, .map), (.map, .record), (.record, .map), (.record, .record):
      true
    case (.string, _): other == .string || other.strings != nil
    default: self == other
    }
  }
}
