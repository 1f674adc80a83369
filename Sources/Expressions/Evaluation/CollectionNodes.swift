import Values

final class ListNode: Node {
  let range: Range<Int>
  private let elements: [any Node]

  init(_ elements: [any Node], range: Range<Int>) {
    self.elements = elements
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for element in elements { values.append(try element.evaluate(&frame)) }
    return .list(values)
  }
}

/// A map whose keys are written out: its shape is made once.
final class RecordNode: Node {
  let range: Range<Int>
  private let shape: Shape
  private let values: [any Node]

  init(shape: Shape, _ values: [any Node], range: Range<Int>) {
    self.shape = shape
    self.values = values
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var results: [Value] = []
    results.reserveCapacity(values.count)
    for value in values { results.append(try value.evaluate(&frame)) }
    return .map(ValueMap(shape: shape, values: results))
  }
}

final class MapNode: Node {
  let range: Range<Int>
  private let entries: [(key: any Node, value: any Node)]

  init(_ entries: [(key: any Node, value: any Node)], range: Range<Int>) {
    self.entries = entries
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var builder = MapBuilder()
    for entry in entries {
      let key = try entry.key.evaluate(&frame)
      let value = try entry.value.evaluate(&frame)
      do throws(Failure) {
        try builder.add(key, value)
      } catch {
        throw error.placed(at: entry.key.range)
      }
    }
    return .map(builder.map)
  }
}

/// Gathers the entries of a map and refuses a key that cannot be one or is there already.
struct MapBuilder {
  private var keys: [MapKey] = []
  private var seen: Set<MapKey> = []
  private var values: [Value] = []

  mutating func add(_ key: Value, _ value: Value) throws(Failure) {
    guard let name = MapBuilder.key(key) else {
      throw Failure(
        .invalidArgument, "\(key.typeName.withArticle) cannot be a key of a map",
        help: { "keys are strings, whole numbers and truth values" })
    }
    guard seen.insert(name).inserted else {
      throw Failure(.invalidArgument, "the key \(key.excerpt) is there twice")
    }
    keys.append(name)
    values.append(value)
  }

  var map: ValueMap { ValueMap(shape: Shape(keys: keys), values: values) }

  /// The key a value is when a map is made; unlike a look-up, a floating point number is none.
  static func key(_ value: Value) -> MapKey? {
    switch value {
    case .double, .decimal: nil
    default: MapKey(value)
    }
  }
}
