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
    case match
  }

  private static let maximumSize = 10_000

  private let program: [Instruction]
  private let sets: [CharacterSet]
  /// The whole pattern, where it is a text without operators.
  private let literal: [UInt8]?
  /// True where a match can only start where the text starts.
  private let isAnchored: Bool

  init(_ source: String) throws(PatternError) {
    let syntax = try PatternParser.parse(source)
    literal = Pattern.literal(syntax).map { Array(String(String.UnicodeScalarView($0)).utf8) }
    isAnchored = Pattern.isAnchored(syntax)
    var compiler = Compiler(limit: Pattern.maximumSize)
    try compiler.add(syntax)
    program = compiler.program + [.match]
    sets = compiler.sets
  }

  private static func literal(_ syntax: PatternSyntax) -> [UnicodeScalar]? {
    switch syntax {
    case .character(let scalar, foldsCase: false): return [scalar]
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
    case .choice(let choices): choices.allSatisfy(isAnchored)
    default: false
    }
  }

  /// Whether the pattern fits a part of the text.
  func matches(_ text: String, _ frame: inout Frame) throws(Failure) -> Bool {
    if let literal {
      try frame.charge(text: text.utf8.count)
      return Functions.offset(of: literal, in: Array(text.utf8), from: 0) != nil
    }
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
    case .assertion, .jump, .split, .match: false
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

/// Turns a pattern's syntax into instructions.
private struct Compiler {
  let limit: Int
  var program: [Pattern.Instruction] = []
  var sets: [CharacterSet] = []

  init(limit: Int) { self.limit = limit }

  private mutating func emit(_ instruction: Pattern.Instruction) throws(PatternError) {
    guard program.count < limit else {
      throw PatternError(message: "it is too large once its repetitions are written out")
    }
    program.append(instruction)
  }

  mutating func add(_ syntax: PatternSyntax) throws(PatternError) {
    switch syntax {
    case .empty: break
    case .character(let scalar, let foldsCase):
      if foldsCase, !scalar.caseVariants.isEmpty {
        try add(set: CharacterSet([.range(scalar.value...scalar.value)], foldsCase: true))
      } else {
        try emit(.character(scalar))
      }
    case .any(let includesNewline): try emit(.any(includesNewline: includesNewline))
    case .set(let set): try add(set: set)
    case .assertion(let assertion): try emit(.assertion(assertion))
    case .sequence(let parts):
      for part in parts { try add(part) }
    case .choice(let choices): try add(choices: choices)
    case .repetition(let part, let least, let most): try add(part, least, most)
    }
  }

  private mutating func add(set: CharacterSet) throws(PatternError) {
    try emit(.set(sets.count))
    sets.append(set)
  }

  private mutating func add(choices: [PatternSyntax]) throws(PatternError) {
    var ends: [Int] = []
    for (index, choice) in choices.enumerated() {
      guard index < choices.count - 1 else {
        try add(choice)
        break
      }
      let split = program.count
      try emit(.split(split + 1, 0))
      try add(choice)
      ends.append(program.count)
      try emit(.jump(0))
      program[split] = .split(split + 1, program.count)
    }
    for end in ends { program[end] = .jump(program.count) }
  }

  private mutating func add(_ part: PatternSyntax, _ least: Int, _ most: Int?) throws(PatternError) {
    for _ in 0..<least {
      // What takes no instruction takes none however often; the copies must not take time either.
      let before = program.count
      try add(part)
      if program.count == before { return }
    }
    guard let most else {
      let split = program.count
      try emit(.split(split + 1, 0))
      try add(part)
      try emit(.jump(split))
      program[split] = .split(split + 1, program.count)
      return
    }
    var splits: [Int] = []
    for _ in least..<max(most, least) {
      splits.append(program.count)
      try emit(.split(program.count + 1, 0))
      try add(part)
    }
    for split in splits { program[split] = .split(split + 1, program.count) }
  }
}
