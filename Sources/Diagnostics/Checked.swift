/// What a phase gives: a value as far as it could be made, and all it found on the way.
public struct Checked<Value> {
  /// The value; nothing if it could not be made at all.
  public var value: Value?
  /// What was found.
  public var diagnostics: Diagnostics

  /// Makes a result.
  public init(_ value: Value?, diagnostics: Diagnostics = Diagnostics()) {
    self.value = value
    self.diagnostics = diagnostics
  }

  /// Makes a result.
  public init(value: Value?, diagnostics: Diagnostics = Diagnostics()) {
    self.init(value, diagnostics: diagnostics)
  }
}

extension Checked: Sendable where Value: Sendable {}
