/// Turns a pattern's syntax into instructions.
struct PatternCompiler {
  private static let limit = 10_000

  /// The highest group whose places are kept; 0 where only whether there is a match is asked.
  private let savedGroups: Int
  private(set) var program: [Pattern.Instruction] = []
  private(set) var sets: [CharacterSet] = []

  init(savedGroups: Int) { self.savedGroups = savedGroups }

  private mutating func emit(_ instruction: Pattern.Instruction) throws(PatternError) {
    guard program.count < PatternCompiler.limit else {
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
    case .repetition(let part, let least, let most, let isLazy): try add(part, least, most, isLazy)
    case .group(let part, let number):
      guard number <= savedGroups else { return try add(part) }
      try emit(.save(2 * number))
      try add(part)
      try emit(.save(2 * number + 1))
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

  private mutating func add(
    _ part: PatternSyntax, _ least: Int, _ most: Int?, _ isLazy: Bool
  ) throws(PatternError) {
    guard let most else {
      if least == 0 {
        return try addOptional(isLazy) { compiler throws(PatternError) in try compiler.repeated(part, isLazy) }
      }
      try add(part, times: least - 1)
      return try repeated(part, isLazy)
    }
    guard try add(part, times: least) else { return }
    var splits: [Int] = []
    for _ in least..<max(most, least) {
      splits.append(program.count)
      try emit(.split(0, 0))
      try add(part)
    }
    for split in splits { program[split] = choice(split + 1, program.count, isLazy) }
  }

  /// Adds copies of a part; false where it takes no instruction, as then none does however many there are.
  @discardableResult
  private mutating func add(_ part: PatternSyntax, times count: Int) throws(PatternError) -> Bool {
    for _ in 0..<count {
      let before = program.count
      try add(part)
      if program.count == before { return false }
    }
    return true
  }

  /// A part once or more: the loop goes back behind it, so that one that fits nothing gets its turn once.
  private mutating func repeated(_ part: PatternSyntax, _ isLazy: Bool) throws(PatternError) {
    let start = program.count
    try add(part)
    if program.count == start { return }
    try emit(choice(start, program.count + 1, isLazy))
  }

  private mutating func addOptional(
    _ isLazy: Bool, _ body: (inout PatternCompiler) throws(PatternError) -> Void
  ) throws(PatternError) {
    let split = program.count
    try emit(.split(0, 0))
    try body(&self)
    program[split] = choice(split + 1, program.count, isLazy)
  }

  /// A split that prefers going on with the loop, or leaving it where it is lazy.
  private func choice(_ inner: Int, _ outer: Int, _ isLazy: Bool) -> Pattern.Instruction {
    isLazy ? .split(outer, inner) : .split(inner, outer)
  }
}
