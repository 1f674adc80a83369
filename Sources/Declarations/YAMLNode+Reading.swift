public import SourceText
public import Values
public import YAMLSyntax

extension YAMLNode {
  /// The value of a key, unless it is missing or null.
  public func child(_ key: String) -> YAMLNode? {
    guard let value = self[key]?.value, !value.isNull else { return nil }
    return value
  }

  /// The value at the end of a path of keys.
  public func child(_ path: String...) -> YAMLNode? {
    path.reduce(self as YAMLNode?) { node, key in node?.child(key) }
  }

  /// The text of a key's scalar.
  public func text(_ key: String) -> String? { child(key)?.scalar?.text }

  /// The whole number of a key's scalar.
  public func integer(_ key: String) -> Int64? {
    guard case .integer(let number) = child(key)?.scalar?.core else { return nil }
    return number
  }

  /// The truth value of a key's scalar.
  public func flag(_ key: String) -> Bool? {
    guard case .bool(let flag) = child(key)?.scalar?.core else { return nil }
    return flag
  }

  /// The length of time of a key's scalar.
  public func duration(_ key: String) -> TimeSpan? { text(key).flatMap { TimeSpan($0, days: true) } }

  /// True for null, `~` and nothing.
  public var isNull: Bool {
    if case .null = scalar?.core { true } else { false }
  }

  /// Where the node begins: a scalar whole, of a map or list the first key or item, so that marks stay on one line.
  public var headSpan: SourceSpan {
    switch content {
    case .scalar: span
    case .mapping(let entries): entries.first?.key.span ?? span
    case .sequence(let items): items.first?.headSpan ?? span
    }
  }

  /// The tree as a value: scalars by the core schema, fractions as decimals with their digits.
  public var value: Value {
    switch content {
    case .mapping(let entries): .map(ValueMap(entries.map { ($0.keyText, $0.value.value) }))
    case .sequence(let items): .list(items.map(\.value))
    case .scalar(let scalar): scalar.value
    }
  }
}

extension YAMLScalar {
  /// The scalar as a value.
  public var value: Value {
    switch core {
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .integer(let number): .int(number)
    case .number(let digits): Decimal(jsonForm(of: digits)).map { .decimal($0) } ?? .string(text)
    case .infinity(let negative): .double(negative ? -.infinity : .infinity)
    case .notANumber: .double(.nan)
    case .string: .string(text)
    }
  }
}

/// YAML allows `+1.5`, `.5` and `1.`, which JSON does not.
private func jsonForm(of digits: String) -> String {
  var text = digits.hasPrefix("+") ? String(digits.dropFirst()) : digits
  if text.hasPrefix(".") { text = "0" + text }
  if text.hasPrefix("-.") { text = "-0" + text.dropFirst() }
  if text.hasSuffix(".") { text += "0" }
  return text.replacing(".e", with: ".0e").replacing(".E", with: ".0E")
}
