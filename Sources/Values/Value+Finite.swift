extension Value {
  /// A number that JSON cannot write, and where it stands: `lines[2].price`, empty for the value itself.
  public struct UnwritableNumber: Sendable, Hashable {
    /// The way to it.
    public fileprivate(set) var path: String
    /// What it is: "infinite" or "not a number".
    public let description: String

    /// What is wrong with it, as a message says it.
    public var message: String { "the value is \(description): JSON has no such number" }

    fileprivate func inside(_ component: String) -> UnwritableNumber {
      var copy = self
      copy.path = component + (path.isEmpty || path.hasPrefix("[") ? "" : ".") + path
      return copy
    }
  }

  /// The first number of the value that is infinite or none; nil where JSON can write all of it.
  public var unwritableNumber: UnwritableNumber? {
    switch self {
    case .double(let number):
      return number.isFinite ? nil : UnwritableNumber(path: "", description: number.isNaN ? "not a number" : "infinite")
    case .list(let items):
      for (index, item) in items.enumerated() {
        if let found = item.unwritableNumber { return found.inside("[\(index)]") }
      }
    case .map(let map):
      for (slot, key) in map.shape.keys.enumerated() {
        if let found = map.values[slot].unwritableNumber { return found.inside(key.text) }
      }
    default: break
    }
    return nil
  }
}

extension MapKey {
  fileprivate var text: String { if case .string(let name) = self { name } else { value.json() } }
}
