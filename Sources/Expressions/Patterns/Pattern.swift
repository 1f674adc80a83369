/// A regular expression, compiled to a machine that walks a text once.
///
/// After Ken Thompson, "Regular Expression Search Algorithm", and Russ Cox, "Regular Expression Matching: the Virtual
/// Machine Approach": every state is visited at most once a character, so that no pattern makes a text take more than length times size.
final class Pattern: Sendable {
  enum Instruction: Sendable {
    case character(UnicodeScalar)
    case any(includesNewline: Bool)
    /// A set, by its number.
    case set(Int)
    case assertion(PatternAssertion)
    case jump(Int)
    case split(Int, Int)
    /// Keeps the place in the text: of group n's start as 2n, of its end as 2n + 1.
    case save(Int)
    case match
  }

  private let program: [Instruction]
  private let sets: [CharacterSet]
  /// The whole pattern, where it is a text without operators.
  private let literal: String?
  /// True where a match can only start where the text starts.
  private let isAnchored: Bool
  /// A faster machine, where the pattern is small.
  private let machine: BitMachine?

  init(_ source: String) throws(PatternError) {
    let syntax = try PatternParser.parse(source).syntax
    literal = Pattern.literal(syntax).map { String(String.UnicodeScalarView($0)) }
    isAnchored = Pattern.isAnchored(syntax)
    var compiler = PatternCompiler(savedGroups: 0)
    try compiler.add(syntax)
    program = compiler.program + [.match]
    sets = compiler.sets
    machine = BitMachine(program, sets)
  }

  private static func literal(_ syntax: PatternSyntax) -> [UnicodeScalar]? {
    switch syntax {
    case .character(let scalar, foldsCase: false): return [scalar]
    case .group(let part, _): return literal(part)
    case .sequence(let parts):
      var result: [UnicodeScalar] = []
      for part in parts {
        guard case .character(let scalar, foldsCase: false) = part else { return nil }
        result.append(scalar)
      }
      return result
    default: return nil
    }
  }

  private static func isAnchored(_ syntax: PatternSyntax) -> Bool {
    switch syntax {
    case .assertion(.textStart): true
    case .sequence(let parts): parts.first.map(isAnchored) ?? false
    case .group(let part, _): isAnchored(part)
    case .choice(let choices): choices.allSatisfy(isAnchored)
    default: false
    }
  }

  /// Whether the pattern fits a part of the text.
  func matches(_ text: String, _ frame: inout Frame) throws(Failure) -> Bool {
    if let literal {
      try frame.charge(text: text.utf8.count)
      return Functions.contains(text, literal)
    }
    if let machine { return try machine.matches(text, isAnchored: isAnchored, &frame) }
    var threads = ThreadList(capacity: program.count)
    var following = ThreadList(capacity: program.count)
    var rest = text.unicodeScalars.makeIterator()
    var before: UnicodeScalar?
    var current = rest.next()
    while true {
      if !isAnchored || before == nil, add(0, to: &threads, between: before, and: current) { return true }
      guard let scalar = current else { return false }
      if isAnchored, threads.count == 0 { return false }
      try frame.charge(1 + threads.count)
      let after = rest.next()
      for place in 0..<threads.count {
        let state = threads[place]
        if takes(program[state], scalar), add(state + 1, to: &following, between: scalar, and: after) { return true }
      }
      swap(&threads, &following)
      following.removeAll()
      before = scalar
      current = after
    }
  }

  @inline(__always)
  private func takes(_ instruction: Instruction, _ scalar: UnicodeScalar) -> Bool {
    switch instruction {
    case .character(let wanted): wanted == scalar
    case .any(let includesNewline): includesNewline || scalar != "\n"
    case .set(let number): sets[number].contains(scalar)
    case .assertion, .jump, .split, .save, .match: false
    }
  }

  /// Adds a state and all that follow from it without a character; true where the pattern has matched.
  private func add(
    _ state: Int, to threads: inout ThreadList, between before: UnicodeScalar?, and after: UnicodeScalar?
  ) -> Bool {
    threads.pending.append(state)
    while let state = threads.pending.popLast() {
      guard threads.insert(state) else { continue }
      switch program[state] {
      case .jump(let target): threads.pending.append(target)
      case .save: threads.pending.append(state + 1)
      case .split(let first, let second):
        threads.pending.append(second)
        threads.pending.append(first)
      case .assertion(let assertion):
        if assertion.holds(between: before, and: after) { threads.pending.append(state + 1) }
      case .match:
        threads.pending.removeAll()
        return true
      case .character, .any, .set: threads.keep(state)
      }
    }
    return false
  }
}

/// The states a match may be in: those that wait for a character in a list, and every one seen since the last.
private struct ThreadList {
  private(set) var count = 0
  private var states: [Int]
  /// The number of the round in which a state was last seen.
  private var rounds: [Int]
  private var round = 1
  /// States that are still to be added.
  var pending: [Int] = []

  init(capacity: Int) {
    states = Array(repeating: 0, count: capacity)
    rounds = Array(repeating: 0, count: capacity)
  }

  subscript(place: Int) -> Int { states[place] }

  mutating func insert(_ state: Int) -> Bool {
    if rounds[state] == round { return false }
    rounds[state] = round
    return true
  }

  mutating func keep(_ state: Int) {
    states[count] = state
    count += 1
  }

  mutating func removeAll() {
    count = 0
    round += 1
  }
}
