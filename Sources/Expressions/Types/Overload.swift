/// One way to call a function, as one of its signatures has it.
struct Overload: Sendable, Hashable {
  /// The types of the arguments, the target of a member call first; one of several types is a union.
  let parameters: [ExpressionType]
  /// Whether the last argument may be given any number of times.
  let isVariadic: Bool
  let isMember: Bool
  let result: ExpressionType

  func takes(_ count: Int) -> Bool {
    isVariadic ? count >= parameters.count - 1 : count == parameters.count
  }

  /// The type of the argument at a place.
  func parameter(_ place: Int) -> ExpressionType { parameters[min(place, parameters.count - 1)] }

  /// The overload a signature such as `string.charAt(int) -> string` tells; nil where it is not of that form.
  ///
  /// Types are CEL's, `a|b` is one of several, a capital letter is a type that the call decides (`N`: one of the numbers),
  /// and `N...` stands for any number of arguments.
  init?(_ signature: String, name: String) {
    guard let call = signature.firstRange(of: name + "("), let arrow = signature.firstRange(of: " -> "),
      let close = signature[..<arrow.lowerBound].lastIndex(of: ")"), close >= call.upperBound
    else { return nil }
    var target = signature[..<call.lowerBound]
    isMember = target.last == "."
    if isMember { target = target.dropLast() } else if !target.isEmpty { return nil }
    var types: [ExpressionType] = []
    if isMember {
      guard let type = TypeText.read(target) else { return nil }
      types.append(type)
    }
    var parts = TypeText.split(signature[call.upperBound..<close], at: ",")
    isVariadic = parts.last?.hasSuffix("...") ?? false
    if isVariadic, let last = parts.popLast() { parts.append(last.dropLast(3)) }
    for part in parts {
      guard let type = TypeText.read(part) else { return nil }
      types.append(type)
    }
    guard let result = TypeText.read(signature[arrow.upperBound...]) else { return nil }
    parameters = types
    self.result = result
  }
}

/// Types as signatures write them.
enum TypeText {
  static func read(_ text: Substring) -> ExpressionType? {
    let text = text.trimmingSpaces
    let alternatives = split(text, at: "|")
    if alternatives.count > 1 {
      let types = alternatives.compactMap { read($0) }
      return types.count == alternatives.count ? .union(of: types) : nil
    }
    if let open = text.firstIndex(of: "("), text.last == ")" {
      let inner = split(text[text.index(after: open)...].dropLast(), at: ",").compactMap { read($0) }
      switch (text[..<open], inner.count) {
      case ("list", 1): return .list(inner[0])
      case ("map", 2): return .map(inner[0], inner[1])
      case ("optional_type", 1): return .optional(inner[0])
      case ("type", 1): return .type
      default: return nil
      }
    }
    if let type = names[String(text)] { return type }
    guard let first = text.utf8.first, (0x41...0x5A).contains(first), text.utf8.count == 1 else { return nil }
    return .parameter(String(text))
  }

  /// The parts of a text between separators that stand in no brackets; none for an empty text.
  static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for place in text.indices {
      switch text[place] {
      case "(": depth += 1
      case ")": depth -= 1
      case separator where depth == 0:
        parts.append(text[start..<place])
        start = text.index(after: place)
      default: break
      }
    }
    let last = text[start...]
    return parts.isEmpty && last.trimmingSpaces.isEmpty ? [] : parts + [last]
  }

  private static let names: [String: ExpressionType] = [
    "dyn": .dyn, "null": .null, "null_type": .null, "bool": .bool, "int": .int, "uint": .uint, "double": .double,
    "decimal": .decimal, "string": .string, "bytes": .bytes, "timestamp": .timestamp, "duration": .duration,
    "type": .type, "list": .list(.dyn), "map": .map(.dyn, .dyn),
  ]
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    var text = drop { $0 == " " }
    while text.last == " " { text = text.dropLast() }
    return text
  }
}
