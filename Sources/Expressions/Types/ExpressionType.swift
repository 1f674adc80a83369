public import Values

/// What is known, before it is evaluated, of the value of an expression.
public indirect enum ExpressionType: Sendable, Hashable {
  /// Anything: nothing can be said about what is done with it before it is evaluated.
  case dyn
  case null
  case bool
  case int
  case uint
  case double
  case decimal
  case string
  /// A string that is one of these, as a schema says.
  case enumeration([String])
  /// A string that is one of these, as the expression itself writes them out.
  case text([String])
  case bytes
  case timestamp
  case duration
  /// A type as a value.
  case type
  case list(ExpressionType)
  case map(ExpressionType, ExpressionType)
  /// A map whose fields are known by name.
  case record(RecordType)
  case optional(ExpressionType)
  /// A value of one of several types: two or more, none of them a union or `dyn`; made by ``union(of:)``.
  case union([ExpressionType])
  /// A type that a call decides, as the `T` of `list(T)`; only in signatures.
  case parameter(String)
}

extension ExpressionType {
  /// A number of a JSON text: whole, or an exact decimal.
  public static let number = union(of: [.int, .decimal])

  /// The type, or null.
  public var orNull: ExpressionType { .union(of: [self, .null]) }

  /// The type of what may be of any of these: one that stands for all, or a union.
  public static func union(of types: [ExpressionType]) -> ExpressionType {
    var members: [ExpressionType] = []
    for type in types.flatMap(\.members) {
      if type == .dyn { return .dyn }
      if !members.contains(type) { members.append(type) }
    }
    if members.count > 1 { members = joiningStrings(members) }
    return members.count == 1 ? members[0] : .union(members)
  }

  /// The strings a value is known to be one of; nil where it may be any, or is no string.
  public var strings: [String]? {
    switch self {
    case .enumeration(let strings), .text(let strings): strings
    default: nil
    }
  }

  private static let maximumStrings = 256

  /// The types with those of strings made one, in the place of the first.
  private static func joiningStrings(_ types: [ExpressionType]) -> [ExpressionType] {
    guard let place = types.firstIndex(where: { $0 == .string || $0.strings != nil }) else { return types }
    var others = types
    var strings: [String] = []
    var isOpen = false
    var isWritten = true
    for type in types where type == .string || type.strings != nil {
      if case .enumeration = type { isWritten = false }
      guard let own = type.strings else {
        isOpen = true
        break
      }
      let known = Set(strings)
      strings += own.filter { !known.contains($0) }
    }
    others.removeAll { $0 == .string || $0.strings != nil }
    isOpen = isOpen || strings.count > maximumStrings
    others.insert(isOpen ? .string : isWritten ? .text(strings) : .enumeration(strings), at: min(place, others.count))
    return others
  }

  /// The types a value may be of: those of a union, else this one.
  public var members: [ExpressionType] { if case .union(let members) = self { members } else { [self] } }

  /// The type of the values that are not null; the type itself where all are.
  public var withoutNull: ExpressionType {
    let rest = members.filter { $0 != .null }
    return rest.isEmpty ? self : .union(of: rest)
  }

  /// Whether nothing is known of the value itself.
  public var isDynamic: Bool { self == .dyn }
}

extension ExpressionType {
  /// The type of a value that is written out.
  public init(of value: Value) {
    switch value {
    case .null: self = .null
    case .bool: self = .bool
    case .int: self = .int
    case .uint: self = .uint
    case .double: self = .double
    case .decimal: self = .decimal
    case .string(let text): self = .text([text])
    case .bytes: self = .bytes
    case .timestamp: self = .timestamp
    case .duration: self = .duration
    case .type: self = .type
    case .list(let items): self = .list(items.isEmpty ? .dyn : .union(of: items.map { ExpressionType(of: $0) }))
    case .map: self = .map(.string, .dyn)
    }
  }
}
