/// How well what is known of a value fits what a function or an operator takes.
enum TypeFit: Int, Comparable {
  case never
  /// Some of the types the value may be of.
  case partly
  /// Nothing is known of it, or of a part.
  case unknown
  case always

  static func < (left: TypeFit, right: TypeFit) -> Bool { left.rawValue < right.rawValue }
}

/// Compares types with those of a signature, and finds out what its type parameters stand for.
struct TypeMatch {
  private(set) var parameters: [String: ExpressionType] = [:]

  /// How a value of a type fits what is wanted.
  mutating func fit(_ given: ExpressionType, _ wanted: ExpressionType) -> TypeFit {
    if wanted == .dyn { return .always }
    if case .parameter(let name) = wanted { return fit(given, parameter: name) }
    if given == .dyn { return .unknown }
    if case .union(let members) = given { return fit(members, wanted) }
    switch (given, wanted) {
    case (_, .union(let members)):
      var best = (fit: TypeFit.never, match: self)
      for member in members {
        var trial = self
        let fit = trial.fit(given, member)
        if fit > best.fit { best = (fit, trial) }
      }
      parameters = best.match.parameters
      return best.fit
    case (.enumeration, .string), (.text, .string): return .always
    case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): return part(fit(a, b))
    case (.map(let key, let value), .map(let wantedKey, let wantedValue)):
      return part(min(fit(key, wantedKey), fit(value, wantedValue)))
    case (.record(let record), .map(let wantedKey, let wantedValue)):
      return part(min(fit(.string, wantedKey), fit(record.valueType, wantedValue)))
    default: return given == wanted ? .always : .never
    }
  }

  /// The fit of a value that is of one of several types: each by itself, and then what they all let parameters stand for.
  private mutating func fit(_ members: [ExpressionType], _ wanted: ExpressionType) -> TypeFit {
    var fits: [TypeFit] = []
    var found: [String: ExpressionType] = [:]
    for member in members {
      var trial = self
      let fit = trial.fit(member, wanted)
      fits.append(fit)
      if fit != .never { found.merge(trial.parameters) { .union(of: [$0, $1]) } }
    }
    parameters.merge(found) { $1 }
    return all(fits)
  }

  /// The fit of a value of several types.
  private func all(_ fits: [TypeFit]) -> TypeFit {
    guard let least = fits.min(), let most = fits.max() else { return .always }
    return least == .never && most != .never ? .partly : least
  }

  /// The fit of a whole, one of whose parts fits so; parts that only sometimes fit are not told apart from unknown ones.
  private func part(_ fit: TypeFit) -> TypeFit { fit == .partly ? .unknown : fit }

  private mutating func fit(_ given: ExpressionType, parameter name: String) -> TypeFit {
    if name == "N" {
      let fits = given.members.map { $0 == .dyn ? TypeFit.unknown : $0.isNumber ? .always : .never }
      let fit = all(fits)
      guard fit != .never else { return .never }
      let numbers = ExpressionType.union(of: given.members.filter { $0 == .dyn || $0.isNumber })
      parameters[name] = parameters[name].map { .union(of: [$0, numbers]) } ?? numbers
      return fit
    }
    guard let bound = parameters[name] else {
      parameters[name] = given
      return given == .dyn ? .unknown : .always
    }
    if given == .dyn || bound == .dyn {
      parameters[name] = .dyn
      return .unknown
    }
    // Null goes with everything, as it does in comparisons.
    guard given == .null || bound == .null || given.meets(bound) else { return .never }
    parameters[name] = .union(of: [bound, given])
    return .always
  }

  /// A type of a signature with what its parameters stand for; `dyn` for those that nothing decided.
  func resolved(_ type: ExpressionType) -> ExpressionType {
    switch type {
    case .parameter(let name): parameters[name] ?? .dyn
    case .list(let element): .list(resolved(element))
    case .map(let key, let value): .map(resolved(key), resolved(value))
    case .optional(let inner): .optional(resolved(inner))
    case .union(let members): .union(of: members.map(resolved))
    default: type
    }
  }
}

extension ExpressionType {
  var isNumber: Bool { self == .int || self == .uint || self == .double || self == .decimal }

  /// Whether a value of this type may be equal to one of another: numbers of all kinds are compared by value.
  func meets(_ other: ExpressionType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn), (.parameter, _), (_, .parameter): true
    case (.union(let members), _): members.contains { $0.meets(other) }
    case (_, .union(let members)): members.contains { meets($0) }
    case (.string, _) where other.strings != nil, (_, .string) where strings != nil, (.text, .text): true
    case (_, _) where strings != nil && other.strings != nil:
      !Set(strings ?? []).isDisjoint(with: other.strings ?? [])
    case (.list(let a), .list(let b)), (.optional(let a), .optional(let b)): a.meets(b)
    case (.map(let key, let value), .map(let otherKey, let otherValue)): key.meets(otherKey) && value.meets(otherValue)
    case (.record, .record): true
    case (.record, .map(let key, _)), (.map(let key, _), .record): key.meets(.string)
    default: self == other || isNumber && other.isNumber
    }
  }
}

extension RecordType {
  /// What the values of all fields are, one or another.
  var valueType: ExpressionType {
    .union(of: fields.map(\.type) + (others.map { [$0] } ?? []) + (fields.isEmpty && others == nil ? [.dyn] : []))
  }
}
