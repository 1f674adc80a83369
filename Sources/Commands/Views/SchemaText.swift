import Values

/// A JSON Schema written as YAML: short parts in braces on a line, longer ones in block style.
struct SchemaText {
  /// How long a line with braces may be.
  private static let maximumWidth = 100

  /// The lines of a map's entries.
  static func lines(of value: Value, indent: Int) -> [String] {
    (value.mapValue?.entries ?? []).flatMap { entry in
      lines(of: entry.value, under: entry.key.value.stringValue ?? entry.key.value.json(), indent: indent)
    }
  }

  /// The lines of one entry.
  static func lines(of value: Value, under key: String, indent: Int) -> [String] {
    let start = String(repeating: " ", count: indent) + yamlScalar(key) + ":"
    if let short = flow(value, isInner: false), start.utf8.count + short.utf8.count < maximumWidth {
      return ["\(start) \(short)"]
    }
    switch value {
    case .map: return [start] + lines(of: value, indent: indent + 2)
    case .list(let items):
      let margin = String(repeating: " ", count: indent + 2)
      return [start] + items.map { "\(margin)- \(flow($0, isInner: true) ?? $0.json())" }
    default: return ["\(start) \(scalar(value))"]
    }
  }

  /// The value in one line; nil for what reads better in several.
  private static func flow(_ value: Value, isInner: Bool) -> String? {
    switch value {
    case .map(let map):
      // Properties read as a list of lines.
      if map["properties"] != nil, !isInner { return nil }
      if map.isEmpty { return "{}" }
      let parts = map.entries.compactMap { key, value in
        flow(value, isInner: isInner).map { "\(scalar(key.value)): \($0)" }
      }
      return parts.count == map.count ? "{ \(parts.joined(separator: ", ")) }" : nil
    case .list(let items):
      let parts = items.compactMap { flow($0, isInner: isInner) }
      return parts.count == items.count ? "[\(parts.joined(separator: ", "))]" : nil
    default: return scalar(value)
    }
  }

  /// A scalar that means the same within braces.
  private static func scalar(_ value: Value) -> String {
    guard let text = value.stringValue else { return value.json() }
    let plain = yamlScalar(text)
    return text.contains(where: { ",[]{}:#".contains($0) }) ? Value.string(text).json() : plain
  }
}
