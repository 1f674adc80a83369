extension ExpressionType: CustomStringConvertible {
  /// The type as signatures and messages write it: `list(string)`, `int or null`.
  public var description: String {
    switch self {
    case .dyn: "dyn"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string, .enumeration, .text: "string"
    case .bytes: "bytes"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .type: "type"
    case .list(let element): "list(\(element))"
    case .map(let key, let value): "map(\(key), \(value))"
    case .record: "map"
    case .optional(let inner): "optional_type(\(inner))"
    case .union(let members) where members == [.int, .decimal]: "number"
    case .union(let members): members.map(\.description).joined(separator: " or ")
    case .parameter(let name): name
    }
  }

  /// The type with the article it takes in a sentence: `an int`, `a list(string)`.
  public var withArticle: String {
    switch self {
    case .null, .dyn: description
    case .union(let members) where self != .number: members.map(\.withArticle).joined(separator: " or ")
    default: "aeio".contains(description.prefix(1)) ? "an \(description)" : "a \(description)"
    }
  }
}
