public import Values

/// The values of an environment's variables, for one evaluation after the other.
///
/// Values stand by slot, so that reading a variable is no dictionary look-up; setting one for the next record keeps the
/// rest.
public struct Activation: Sendable {
  var slots: [Value?]
  private let places: [String: Int]
  /// How many steps an evaluation may take: nodes visited, elements looped over, and text by length.
  public var costLimit = 10_000_000
  /// How long a text or bytes that an evaluation makes may be.
  public var maximumTextBytes = 16 << 20

  /// False where a value may be a secret: messages of errors then show none.
  public var showsValues = true

  /// An activation in which no variable has a value yet.
  public init(environment: ExpressionEnvironment) {
    slots = Array(repeating: nil, count: environment.variables.count)
    places = environment.slots
  }

  /// Gives a variable a value; a name the environment does not declare is not kept.
  public mutating func set(_ name: String, _ value: Value) {
    if let slot = places[name] { slots[slot] = value }
  }

  /// Gives the variable of a slot a value; see ``ExpressionEnvironment/slot(of:)``.
  public mutating func set(slot: Int, _ value: Value) { slots[slot] = value }

  /// Takes a variable's value away.
  public mutating func unset(_ name: String) {
    if let slot = places[name] { slots[slot] = nil }
  }
}

/// What an evaluation works with: the variables, the variables of loops, and what it may still spend.
struct Frame {
  let slots: [Value?]
  var locals: [Value]
  var budget: Int
  let maximumTextBytes: Int

  init(_ activation: borrowing Activation, locals: Int) {
    slots = activation.slots
    self.locals = locals == 0 ? [] : Array(repeating: .null, count: locals)
    budget = activation.costLimit
    maximumTextBytes = activation.maximumTextBytes
  }

  /// A frame without variables, for what is constant.
  init(budget: Int, locals: Int) {
    slots = []
    self.locals = Array(repeating: .null, count: locals)
    self.budget = budget
    maximumTextBytes = 64 << 10
  }

  /// Pays for work to come.
  @inline(__always)
  mutating func charge(_ cost: Int) throws(Failure) {
    budget &-= cost
    if budget < 0 { throw Frame.exhausted }
  }

  /// Pays for reading or making a text, and refuses one that is too long.
  mutating func charge(text bytes: Int) throws(Failure) {
    if bytes > maximumTextBytes {
      throw Failure(.costExceeded, "the text would have \(bytes) bytes, more than \(maximumTextBytes)")
    }
    try charge(bytes >> 3)
  }

  /// Pays for a list, and refuses one that is too long.
  mutating func charge(elements count: Int) throws(Failure) {
    if count > Frame.maximumElements {
      throw Failure(.costExceeded, "the list would have more than \(Frame.maximumElements) elements")
    }
    try charge(count)
  }

  static let maximumElements = 1_000_000

  private static var exhausted: Failure {
    Failure(.costExceeded, "the expression does more than it may", help: { "loop over less, or raise the cost limit" })
  }
}
