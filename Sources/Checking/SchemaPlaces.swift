import Diagnostics
import Schemas
import SourceText

/// Finds the line of a schema that an expression speaks of: `record.items[0].sku`.
struct SchemaPlaces {
  /// What is known of variables, by their names.
  private var schemas: [String: Schema] = [:]

  init(record: Schema?) { schemas["record"] = record }

  /// The schema that the text of a path leads to.
  func schema(of path: String) -> Schema? {
    let (found, rest) = follow(path)
    return rest ? nil : found
  }

  /// With a further variable, or without one of its name.
  func adding(_ variable: String, _ schema: Schema?) -> SchemaPlaces {
    var copy = self
    copy.schemas[variable] = schema
    return copy
  }

  /// The place of the deepest schema on the first path in a text.
  func label(for text: String) -> [Label] {
    let words = text.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == ".") }
    for word in words {
      guard let name = word.split(separator: ".").first, schemas[String(name)] != nil else { continue }
      if let span = follow(String(text[word.startIndex...])).schema?.span { return [Label(span, "declared here")] }
    }
    return []
  }

  /// Follows a path as far as it goes; true where something was left of it.
  private func follow(_ text: String) -> (schema: Schema?, isLeft: Bool) {
    let characters = Array(text)
    var at = 0
    func name() -> String {
      let start = at
      while at < characters.count, characters[at].isLetter || characters[at].isNumber || characters[at] == "_" {
        at += 1
      }
      return String(characters[start..<at])
    }
    var current = schemas[name()]
    while let schema = current, at < characters.count {
      let shapes = schema.shapes
      var next: Schema?
      if characters[at] == "." {
        at += characters.count > at + 1 && characters[at + 1] == "?" ? 2 : 1
        let field = name()
        next = shapes.lazy.compactMap { $0.property(field) }.first
      } else if characters[at] == "[", let close = characters[at...].firstIndex(of: "]") {
        let key = String(characters[at + 1..<close]).trimmingQuotes
        at = close + 1
        next = shapes.lazy.compactMap { Int(key) == nil ? $0.property(key) : $0.item(at: Int(key) ?? 0) }.first
      } else {
        return (schema, true)
      }
      guard let next else { return (schema, true) }
      current = next
    }
    return (current, at < characters.count)
  }
}

extension String {
  fileprivate var trimmingQuotes: String {
    let isQuoted = count >= 2 && (hasPrefix("\"") && hasSuffix("\"") || hasPrefix("'") && hasSuffix("'"))
    return isQuoted ? String(dropFirst().dropLast()) : self
  }
}
