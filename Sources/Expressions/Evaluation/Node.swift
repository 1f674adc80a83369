import Values

/// A part of an expression that can be evaluated: made once, read by any thread.
///
/// Final classes behind one protocol: the compiler proves that they are immutable, and a call is one table look-up.
protocol Node: AnyObject, Sendable {
  /// The place in the source.
  var range: Range<Int> { get }
  func evaluate(_ frame: inout Frame) throws(Failure) -> Value
  /// The value as a truth value, without making it a ``Value`` first.
  func test(_ frame: inout Frame) throws(Failure) -> Bool
}

extension Node {
  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    let value = try evaluate(&frame)
    if case .bool(let flag) = value { return flag }
    throw Failure(.noSuchOverload, "a truth value is needed here, not \(value.typeName.withArticle)", at: range)
  }
}

extension String {
  /// A type's name in a sentence.
  var withArticle: String {
    switch self {
    case "null_type": "null"
    case "bytes": "bytes"
    case "int": "an int"
    case "google.protobuf.Timestamp": "a timestamp"
    case "google.protobuf.Duration": "a duration"
    default: "a " + self
    }
  }

  /// A type's name as a list of argument types has it.
  var shortTypeName: String {
    switch self {
    case "null_type": "null"
    case "google.protobuf.Timestamp": "timestamp"
    case "google.protobuf.Duration": "duration"
    default: self
    }
  }
}

final class ConstantNode: Node {
  let range: Range<Int>
  let value: Value

  init(_ value: Value, range: Range<Int>) {
    self.value = value
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { value }
}

/// A name nothing is declared for; only expressions that were not checked have one.
final class FailingNode: Node {
  let range: Range<Int>
  private let name: String
  private let message: String

  init(name: String, message: String, range: Range<Int>) {
    self.name = name
    self.message = message
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    throw Failure(.unknownName(name), message, at: range)
  }
}

final class VariableNode: Node {
  let range: Range<Int>
  let slot: Int
  let name: String

  init(slot: Int, name: String, range: Range<Int>) {
    self.slot = slot
    self.name = name
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    guard slot < frame.slots.count, let value = frame.slots[slot] else {
      throw Failure(.unsetVariable(name), "the variable '\(name)' has no value", at: range)
    }
    return value
  }
}

/// The variable of a loop.
final class LocalNode: Node {
  let range: Range<Int>
  let place: Int

  init(place: Int, range: Range<Int>) {
    self.place = place
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { frame.locals[place] }
}
