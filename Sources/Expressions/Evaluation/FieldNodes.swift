import Synchronization
import Values

/// The reading of one field, which remembers where maps of the shape last seen have it.
final class FieldStep: Sendable {
  let name: String
  /// The place of the expression up to this field.
  let range: Range<Int>
  /// True where the field is written as a key: `record["name"]`.
  private let isKey: Bool
  /// The shape's id in the upper half, the place plus one in the lower; 0 there where the shape has no such field.
  private let memory = Atomic<UInt64>(0)

  init(name: String, range: Range<Int>, isKey: Bool = false) {
    self.name = name
    self.range = range
    self.isKey = isKey
  }

  /// Where a map has the field; -1 where it has not.
  @inline(__always)
  func place(in shape: Shape) -> Int {
    let remembered = memory.load(ordering: .relaxed)
    if UInt32(truncatingIfNeeded: remembered >> 32) == shape.id {
      return Int(UInt32(truncatingIfNeeded: remembered)) - 1
    }
    return lookUp(in: shape)
  }

  @inline(never)
  private func lookUp(in shape: Shape) -> Int {
    let place = shape.slot(of: name) ?? -1
    memory.store(UInt64(shape.id) << 32 | UInt64(UInt32(place + 1)), ordering: .relaxed)
    return place
  }

  @inline(__always)
  func read(_ value: Value) throws(Failure) -> Value {
    guard case .map(let map) = value else { throw noMap(value) }
    let place = place(in: map.shape)
    if place < 0 { return try readOptional(map) }
    return map.values[place]
  }

  func has(_ value: Value) throws(Failure) -> Bool {
    guard case .map(let map) = value else { throw noMap(value) }
    if place(in: map.shape) >= 0 { return true }
    if case .some(let inner)? = Optionals.content(map) { return try has(inner) }
    return false
  }

  /// A field of what an optional holds, as an optional (cel-go, "Optional Types"); a map has no such field.
  @inline(never)
  private func readOptional(_ map: ValueMap) throws(Failure) -> Value {
    switch Optionals.content(map) {
    case .none?: return .map(map)
    case .some(let inner)?:
      guard case .map(let fields) = inner else { throw noMap(inner) }
      let place = place(in: fields.shape)
      if place >= 0 { return Optionals.some(fields.values[place]) }
      return Optionals.none
    case nil: throw missing(in: map.shape)
    }
  }

  @inline(never)
  private func noMap(_ value: Value) -> Failure {
    let type = value.typeName.withArticle
    if isKey {
      return value.listValue == nil
        ? Failure(.noSuchOverload, "\(type) has no elements", at: range)
        : Failure(
          .noSuchKey, "a list has no element \(Value.string(name).excerpt); indexes are whole numbers", at: range)
    }
    return Failure(.noSuchOverload, "\(type) has no fields; '\(name)' cannot be read", at: range) {
      switch value {
      case .null: "it is null here; test it with != null first"
      case .list: "read the field of one element, as in x[0].name, or of all: x.map(item, item.name)"
      case .string: "where the text is JSON, write parseJson(x)"
      default: nil
      }
    }
  }

  @inline(never)
  private func missing(in shape: Shape) -> Failure {
    let name = name
    let message = isKey ? "no such key: \(Value.string(name).excerpt)" : "no such field '\(name)'"
    return Failure(isKey ? .noSuchKey : .noSuchField(name), message, at: range) {
      let fields = shape.keys.compactMap { key in if case .string(let name) = key { name } else { nil } }
      return Suggestion.help(for: name, among: fields, noun: "fields")
        ?? "where it may be missing, ask with has() first"
    }
  }
}

/// A field of a field of a variable: read without a node for each.
final class PathNode: Node {
  let range: Range<Int>
  let slot: Int
  let name: String
  let steps: [FieldStep]
  private let variableRange: Range<Int>

  init(variable: VariableNode, steps: [FieldStep], range: Range<Int>) {
    slot = variable.slot
    name = variable.name
    variableRange = variable.range
    self.steps = steps
    self.range = range
  }

  /// The path one field further.
  init(_ path: PathNode, adding step: FieldStep, range: Range<Int>) {
    slot = path.slot
    name = path.name
    variableRange = path.variableRange
    steps = path.steps + [step]
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    guard slot < frame.slots.count, let value = frame.slots[slot] else {
      throw Failure(.unsetVariable(name), "the variable '\(name)' has no value", at: variableRange)
    }
    var current = try steps[0].read(value)
    for place in 1..<steps.count { current = try steps[place].read(current) }
    return current
  }
}

/// A field of a field of a loop's variable, read where it stands.
final class LocalPathNode: Node {
  let range: Range<Int>
  private let place: Int
  private let steps: [FieldStep]

  init(_ variable: LocalNode, _ step: FieldStep, range: Range<Int>) {
    place = variable.place
    steps = [step]
    self.range = range
  }

  /// The path one field further.
  init(_ path: LocalPathNode, adding step: FieldStep, range: Range<Int>) {
    place = path.place
    steps = path.steps + [step]
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var current = try steps[0].read(frame.locals[place])
    for step in 1..<steps.count { current = try steps[step].read(current) }
    return current
  }
}

final class SelectNode: Node {
  let range: Range<Int>
  private let operand: any Node
  private let step: FieldStep

  init(_ operand: any Node, _ step: FieldStep, range: Range<Int>) {
    self.operand = operand
    self.step = step
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { try step.read(try operand.evaluate(&frame)) }
}

final class HasNode: Node {
  let range: Range<Int>
  private let operand: any Node
  private let step: FieldStep

  init(_ operand: any Node, _ step: FieldStep, range: Range<Int>) {
    self.operand = operand
    self.step = step
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool { try step.has(try operand.evaluate(&frame)) }
}

/// `map[key]` and `list[index]`.
final class IndexNode: Node {
  let range: Range<Int>
  private let operand: any Node
  private let key: any Node

  init(_ operand: any Node, _ key: any Node, range: Range<Int>) {
    self.operand = operand
    self.key = key
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let container = try operand.evaluate(&frame)
    return try entry(of: container, try key.evaluate(&frame))
  }

  private func entry(of container: Value, _ key: Value) throws(Failure) -> Value {
    switch container {
    case .map(let map):
      if let name = MapKey(key), let value = map[name] { return value }
      if let content = Optionals.content(map) {
        guard case .some(let inner) = content else { return container }
        return Optionals.wrap(try entry(of: inner, key))
      }
      throw Failure(.noSuchKey, "no such key: \(key.excerpt)", at: range)
    case .list(let items):
      guard let index = key.intValue else {
        throw Failure(.noSuchKey, "a list has no element \(key.excerpt); indexes are whole numbers", at: range)
      }
      guard index >= 0, index < Int64(items.count) else {
        let size = items.count
        throw Failure(.noSuchKey, "index \(index) is outside the list of \(size)", at: range) {
          "indexes start at 0; ask for size() first"
        }
      }
      return items[Int(index)]
    default:
      throw Failure(.noSuchOverload, "\(container.typeName.withArticle) has no elements", at: range)
    }
  }
}

extension Value {
  /// The value as a message shows it: JSON, cut short.
  var excerpt: String {
    switch self {
    case .list, .map: return typeName.withArticle
    case .string(let text) where text.utf8.count > 60: return Value.string(String(text.prefix(40)) + "...").json()
    case .bytes: return "bytes"
    default: return json()
    }
  }
}
