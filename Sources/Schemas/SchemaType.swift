import Values

/// The types of JSON, as schemas name them.
public enum SchemaType: String, Sendable, Hashable, CaseIterable {
  case null
  case boolean
  case integer
  case number
  case string
  case array
  case object

  /// The type in a sentence.
  var noun: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .integer: "a whole number"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "a map"
    }
  }

  /// Whether a value is of the type, once it is written as JSON.
  func holds(_ value: Value) -> Bool {
    switch self {
    case .null: value.isNull
    case .boolean: value.boolValue != nil
    case .integer: value.isWholeNumber
    case .number: value.isNumber
    case .string: SchemaType(of: value) == .string
    case .array: value.listValue != nil
    case .object: value.mapValue != nil
    }
  }

  /// The type a value has in JSON; `integer` for a number without a fraction.
  init(of value: Value) {
    self =
      switch value {
      case .null: .null
      case .bool: .boolean
      case .int, .uint: .integer
      case .decimal, .double: value.isWholeNumber ? .integer : .number
      case .string, .bytes, .timestamp, .duration, .type: .string
      case .list: .array
      case .map: .object
      }
  }
}

extension Value {
  var isNumber: Bool {
    switch self {
    case .int, .uint, .decimal, .double: true
    default: false
    }
  }

  /// Whether it is a number without a fraction, as `2.0` is.
  var isWholeNumber: Bool {
    switch self {
    case .int, .uint: true
    case .double(let number): number.isFinite && number.rounded(.towardZero) == number
    case .decimal(let number):
      number.scale <= 0 || number.isZero
        || number.scale < 38 && number.coefficient.map { $0 % Value.powerOfTen(number.scale) == 0 } ?? false
    default: false
    }
  }

  private static func powerOfTen(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
  }
}

/// Several in a sentence: "a, b or c".
func alternatives(_ words: [String]) -> String {
  guard let last = words.last, words.count > 1 else { return words.first ?? "" }
  return words.dropLast().joined(separator: ", ") + " or " + last
}
