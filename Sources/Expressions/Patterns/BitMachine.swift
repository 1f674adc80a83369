/// A pattern of at most 64 places that take a character: the places a match may be in are the bits of one number, so that
/// a step is a few operations and nothing is allocated (Navarro and Raffinot, "Flexible Pattern Matching in Strings",
/// on bit-parallel automata).
struct BitMachine: Sendable {
  /// The places that follow, without a character, and whether the pattern has matched.
  private struct Following: Sendable {
    var places: UInt64 = 0
    var matches = false
  }

  /// What each place takes.
  private let instructions: [Pattern.Instruction]
  private let sets: [CharacterSet]
  /// The places that take each ASCII character.
  private let takers: [UInt64]
  /// What follows each place within the text, and then at its end.
  private let following: [Following]
  private let followingAtEnd: [Following]
  /// Where a match starts, by whether the text starts there (1) and whether it ends there (2).
  private let starts: [Following]

  /// The machine of a program; nil where it has too many places, or asks for more than where a text starts and ends.
  init?(_ program: [Pattern.Instruction], _ sets: [CharacterSet]) {
    var numbers: [Int: Int] = [:]
    var instructions: [Pattern.Instruction] = []
    for (place, instruction) in program.enumerated() {
      switch instruction {
      case .character, .any, .set:
        numbers[place] = instructions.count
        instructions.append(instruction)
      case .assertion(.textStart), .assertion(.textEnd), .jump, .split, .save, .match: break
      case .assertion: return nil
      }
    }
    guard instructions.count <= 64, program.count <= 1_000 else { return nil }
    self.instructions = instructions
    self.sets = sets
    takers = (UInt8(0)..<128).map { code in
      var mask: UInt64 = 0
      for (number, instruction) in instructions.enumerated()
      where BitMachine.takes(instruction, sets, UnicodeScalar(code)) {
        mask |= 1 << UInt64(number)
      }
      return mask
    }
    func follow(_ place: Int, atStart: Bool, atEnd: Bool) -> Following {
      var result = Following()
      var seen: Set<Int> = []
      var pending = [place]
      while let place = pending.popLast() {
        guard seen.insert(place).inserted else { continue }
        switch program[place] {
        case .jump(let target): pending.append(target)
        case .split(let first, let second): pending += [first, second]
        case .save: pending.append(place + 1)
        case .assertion(let assertion):
          if assertion == .textStart ? atStart : atEnd { pending.append(place + 1) }
        case .match: result.matches = true
        case .character, .any, .set: if let number = numbers[place] { result.places |= 1 << UInt64(number) }
        }
      }
      return result
    }
    let takingPlaces = program.indices.filter { numbers[$0] != nil }
    following = takingPlaces.map { follow($0 + 1, atStart: false, atEnd: false) }
    followingAtEnd = takingPlaces.map { follow($0 + 1, atStart: false, atEnd: true) }
    starts = (0..<4).map { follow(0, atStart: $0 & 1 != 0, atEnd: $0 & 2 != 0) }
  }

  private static func takes(
    _ instruction: Pattern.Instruction, _ sets: [CharacterSet], _ scalar: UnicodeScalar
  ) -> Bool {
    switch instruction {
    case .character(let wanted): wanted == scalar
    case .any(let includesNewline): includesNewline || scalar != "\n"
    case .set(let number): sets[number].contains(scalar)
    case .assertion, .jump, .split, .save, .match: false
    }
  }

  /// Whether the pattern fits a part of the text.
  func matches(_ text: String, isAnchored: Bool, _ frame: inout Frame) throws(Failure) -> Bool {
    var rest = text.unicodeScalars.makeIterator()
    var next = rest.next()
    let start = starts[next == nil ? 3 : 1]
    if start.matches { return true }
    var places = start.places
    while let scalar = next {
      if places == 0, isAnchored { return false }
      next = rest.next()
      var taking = places & takers(of: scalar, among: places)
      try frame.charge(2 + taking.nonzeroBitCount)
      places = 0
      while taking != 0 {
        let number = taking.trailingZeroBitCount
        taking &= taking - 1
        let after = next == nil ? followingAtEnd[number] : following[number]
        if after.matches { return true }
        places |= after.places
      }
      if !isAnchored {
        let start = starts[next == nil ? 2 : 0]
        if start.matches { return true }
        places |= start.places
      }
    }
    return false
  }

  private func takers(of scalar: UnicodeScalar, among places: UInt64) -> UInt64 {
    if scalar.value < 128 { return takers[Int(scalar.value)] }
    var mask: UInt64 = 0
    var left = places
    while left != 0 {
      let number = left.trailingZeroBitCount
      left &= left - 1
      if BitMachine.takes(instructions[number], sets, scalar) { mask |= 1 << UInt64(number) }
    }
    return mask
  }
}
