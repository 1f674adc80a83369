import Foundation

/// The form of functions' signatures: `string.charAt(int) -> string`.
enum Signature {
  private static let plainTypes: Set<Substring> = [
    "dyn", "null_type", "bool", "int", "uint", "double", "decimal", "string", "bytes", "timestamp", "duration", "type",
  ]
  private static let arities: [Substring: Int] = ["list": 1, "optional_type": 1, "map": 2]

  /// Whether a signature is a function's, with types in every place.
  static func isWellFormed(_ signature: String, of name: String) -> Bool {
    guard let arrow = signature.range(of: " -> "), isType(signature[arrow.upperBound...]) else { return false }
    let call = signature[..<arrow.lowerBound]
    guard call.last == ")", let open = opening(of: call) else { return false }
    let arguments = split(call[call.index(after: open)...].dropLast(), at: ",")
    guard arguments.allSatisfy({ isType($0.hasSuffix("...") ? $0.dropLast(3) : $0) }) else { return false }
    let head = call[..<open]
    return head == name || (head.hasSuffix("." + name) && isType(head.dropLast(name.count + 1)))
  }

  private static func isType(_ text: Substring) -> Bool {
    let choices = split(text, at: "|")
    if choices.count > 1 { return choices.allSatisfy(isType) }
    let isParameter = text.count == 1 && text.allSatisfy { $0.isASCII && $0.isUppercase }
    if plainTypes.contains(text) || isParameter { return true }
    guard text.last == ")", let open = opening(of: text) else { return false }
    let parts = split(text[text.index(after: open)...].dropLast(), at: ",")
    return parts.count == arities[text[..<open]] && parts.allSatisfy(isType)
  }

  /// The parenthesis that the last one closes.
  private static func opening(of text: Substring) -> String.Index? {
    var depth = 0
    for place in text.indices.reversed() {
      if text[place] == ")" { depth += 1 }
      if text[place] == "(" { depth -= 1 }
      if depth == 0 { return place }
    }
    return nil
  }

  private static func split(_ text: Substring, at separator: Character) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    var depth = 0
    for place in text.indices {
      if text[place] == "(" { depth += 1 }
      if text[place] == ")" { depth -= 1 }
      if text[place] == separator, depth == 0 {
        parts.append(text[start..<place])
        start = text.index(after: place)
      }
    }
    parts.append(text[start...])
    return parts.filter { !$0.isEmpty }.map { $0.first == " " ? $0.dropFirst() : $0 }
  }
}
