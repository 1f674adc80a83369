/// A regular expression that says where it matches, and where its groups do.
///
/// The machine of ``Pattern`` with a set of places for each state (Russ Cox, "Regular Expression Matching: the Virtual
/// Machine Approach", Pike's method): of two ways to match, the one that is written first wins, as in RE2.
final class PatternFinder: Sendable {
  /// The places of a match and its groups: start and end of group n as 2n and 2n + 1, -1 where it has no part in it.
  typealias Match = [Int]

  /// References name the groups 1 to 9; what further ones match is not kept.
  private static let keptGroups = 9

  /// How many groups the pattern has.
  let groups: Int
  private let program: [Pattern.Instruction]
  private let sets: [CharacterSet]
  private let width: Int

  init(_ source: String) throws(PatternError) {
    let (syntax, groups) = try PatternParser.parse(source)
    self.groups = groups
    let kept = min(groups, PatternFinder.keptGroups)
    width = 2 * (kept + 1)
    var compiler = PatternCompiler(savedGroups: kept)
    try compiler.add(syntax)
    program = compiler.program + [.match]
    sets = compiler.sets
  }

  /// All matches, one behind the other; an empty one right behind another does not count.
  func matches(in text: [UnicodeScalar], upTo limit: Int, _ frame: inout Frame) throws(Failure) -> [Match] {
    var found: [Match] = []
    var at = 0
    var end = -1
    var room = try makeRoom(&frame)
    while at <= text.count, found.count < limit, let match = try firstMatch(in: text, from: at, &room, &frame) {
      let isEmpty = match[0] == match[1]
      if !isEmpty || match[0] != end {
        try frame.charge(width >> 1)
        found.append(match)
      }
      end = match[1]
      at = isEmpty && match[1] == at || match[1] <= at ? at + 1 : match[1]
      try frame.charge(1)
    }
    return found
  }

  /// The first match at or behind a place.
  func firstMatch(in text: [UnicodeScalar], from start: Int, _ frame: inout Frame) throws(Failure) -> Match? {
    var room = try makeRoom(&frame)
    return try firstMatch(in: text, from: start, &room, &frame)
  }

  /// What a search notes down; made once for all matches of a text.
  private struct Room {
    var threads: Threads
    var following: Threads
    var stack: [Step] = []
  }

  private func makeRoom(_ frame: inout Frame) throws(Failure) -> Room {
    try frame.charge(program.count >> 2)
    return Room(
      threads: Threads(states: program.count, width: width), following: Threads(states: program.count, width: width))
  }

  private func firstMatch(
    in text: [UnicodeScalar], from start: Int, _ room: inout Room, _ frame: inout Frame
  ) throws(Failure) -> Match? {
    room.threads.removeAll()
    room.following.removeAll()
    var best: Match?
    var at = start
    while true {
      let before = at > 0 ? text[at - 1] : nil
      let current = at < text.count ? text[at] : nil
      if best == nil {
        var places = Match(repeating: -1, count: width)
        places[0] = at
        add(0, at, &places, to: &room.threads, &room.stack, between: before, and: current)
      }
      if room.threads.count == 0, best != nil || current == nil { return best }
      try frame.charge(1 + room.threads.count * (1 + width >> 2))
      for place in 0..<room.threads.count {
        let state = room.threads.state(place)
        if case .match = program[state] {
          best = room.threads.places(place)
          best?[1] = at
          break  // What comes behind was written later.
        }
        guard let current, takes(program[state], current) else { continue }
        var places = room.threads.places(place)
        let after = at + 1 < text.count ? text[at + 1] : nil
        add(state + 1, at + 1, &places, to: &room.following, &room.stack, between: current, and: after)
      }
      if current == nil { return best }
      swap(&room.threads, &room.following)
      room.following.removeAll()
      at += 1
    }
  }

  private func takes(_ instruction: Pattern.Instruction, _ scalar: UnicodeScalar) -> Bool {
    switch instruction {
    case .character(let wanted): wanted == scalar
    case .any(let includesNewline): includesNewline || scalar != "\n"
    case .set(let number): sets[number].contains(scalar)
    case .assertion, .jump, .split, .save, .match: false
    }
  }

  private enum Step {
    case visit(Int)
    /// Takes back what a `save` has written, once all that follows from it is visited.
    case restore(Int, Int)
  }

  /// Adds a state and all that follow from it without a character, in the order they are preferred.
  private func add(
    _ state: Int, _ at: Int, _ places: inout Match, to threads: inout Threads, _ stack: inout [Step],
    between before: UnicodeScalar?, and after: UnicodeScalar?
  ) {
    stack.append(.visit(state))
    while let step = stack.popLast() {
      switch step {
      case .restore(let slot, let place): places[slot] = place
      case .visit(let state):
        guard threads.insert(state) else { continue }
        switch program[state] {
        case .jump(let target): stack.append(.visit(target))
        case .split(let first, let second):
          stack.append(.visit(second))
          stack.append(.visit(first))
        case .save(let slot):
          stack.append(.restore(slot, places[slot]))
          places[slot] = at
          stack.append(.visit(state + 1))
        case .assertion(let assertion):
          if assertion.holds(between: before, and: after) { stack.append(.visit(state + 1)) }
        case .character, .any, .set, .match: threads.keep(state, places)
        }
      }
    }
  }
}

/// The states a match may be in, each with the places of its groups, in the order they are preferred.
private struct Threads {
  private(set) var count = 0
  private let width: Int
  private var states: [Int]
  private var saved: [Int] = []
  /// The number of the round in which a state was last seen.
  private var rounds: [Int]
  private var round = 1

  init(states count: Int, width: Int) {
    self.width = width
    states = Array(repeating: 0, count: count)
    rounds = Array(repeating: 0, count: count)
  }

  func state(_ place: Int) -> Int { states[place] }

  func places(_ place: Int) -> [Int] { Array(saved[place * width..<(place + 1) * width]) }

  mutating func insert(_ state: Int) -> Bool {
    if rounds[state] == round { return false }
    rounds[state] = round
    return true
  }

  mutating func keep(_ state: Int, _ places: [Int]) {
    states[count] = state
    saved += places
    count += 1
  }

  mutating func removeAll() {
    count = 0
    saved.removeAll(keepingCapacity: true)
    round += 1
  }
}
