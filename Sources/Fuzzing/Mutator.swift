/// Makes inputs from a corpus: bytes changed, words of the language put in, lines moved, brackets nested, two inputs joined.
public struct Mutator: Sendable {
  /// How large an input may get.
  private static let maximumBytes = 1 << 16

  private let corpus: [[UInt8]]
  private let dictionary: [[UInt8]]
  private var random: FuzzRandom

  /// Makes a mutator; the corpus must not be empty.
  public init(corpus: [[UInt8]], dictionary: [String], seed: UInt64) {
    self.corpus = corpus
    self.dictionary = dictionary.map { Array($0.utf8) }
    random = FuzzRandom(seed: seed)
  }

  /// Returns the next input.
  public mutating func next() -> [UInt8] {
    var input = random.pick(corpus)
    // Mostly a little is changed, so that what is changed is reached.
    let changes = random.below(4) == 0 ? 1 + random.below(20) : 1 + random.below(3)
    for _ in 0..<changes where input.count < Self.maximumBytes { change(&input) }
    return Array(input.prefix(Self.maximumBytes))
  }

  private mutating func change(_ input: inout [UInt8]) {
    switch random.below(14) {
    case 0: replaceByte(&input)
    case 1: input.removeSubrange(piece(of: input, atMost: 8))
    case 2...5: insert(random.pick(dictionary), into: &input)
    case 6: input.replaceSubrange(piece(of: input, atMost: 12), with: random.pick(dictionary))
    case 7: repeatPiece(of: &input)
    case 8: moveLine(of: &input)
    case 9: indentLine(of: &input)
    case 10: nest(&input)
    case 11: changeNumber(of: &input)
    case 12: splice(&input)
    default: input = Array(input.prefix(random.below(input.count + 1)))
    }
  }

  // MARK: - Bytes and words

  private mutating func replaceByte(_ input: inout [UInt8]) {
    guard !input.isEmpty else { return }
    let interesting: [UInt8] = [0, 0x09, 0x0A, 0x0D, 0x20, 0x22, 0x27, 0x7F, 0x80, 0xC0, 0xE2, 0xED, 0xF4, 0xFF]
    input[random.below(input.count)] = random.below(2) == 0 ? random.pick(interesting) : UInt8(random.below(256))
  }

  private mutating func piece(of input: [UInt8], atMost length: Int) -> Range<Int> {
    let start = random.below(input.count + 1)
    return start..<min(input.count, start + random.below(length + 1))
  }

  private mutating func insert(_ word: [UInt8], into input: inout [UInt8]) {
    input.insert(contentsOf: word, at: random.below(input.count + 1))
  }

  private mutating func repeatPiece(of input: inout [UInt8]) {
    let range = piece(of: input, atMost: 40)
    let times = random.below(8) == 0 ? 200 : 1 + random.below(4)
    let piece = Array(input[range])
    guard piece.count * times < Self.maximumBytes else { return }
    input.insert(contentsOf: Array(repeating: piece, count: times).joined(), at: range.upperBound)
  }

  private mutating func splice(_ input: inout [UInt8]) {
    let other = random.pick(corpus)
    let range = piece(of: other, atMost: 200)
    input.insert(contentsOf: other[range], at: random.below(input.count + 1))
  }

  private mutating func changeNumber(of input: inout [UInt8]) {
    let digits = input.indices.filter { (0x30...0x39).contains(input[$0]) }
    guard !digits.isEmpty else { return }
    let numbers = [
      "-1", "0", "1e9", "9223372036854775807", "-9223372036854775808", "1e-400", "99999999999999999999", ".5",
    ]
    let place = random.pick(digits)
    input.replaceSubrange(place..<place + 1, with: Array(random.pick(numbers).utf8))
  }

  // MARK: - Structure

  private func lineRanges(_ input: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    for (place, byte) in input.enumerated() where byte == 0x0A {
      ranges.append(start..<place + 1)
      start = place + 1
    }
    if start < input.count { ranges.append(start..<input.count) }
    return ranges
  }

  /// Repeats, takes out or moves a line, or a few.
  private mutating func moveLine(of input: inout [UInt8]) {
    let lines = lineRanges(input)
    guard !lines.isEmpty else { return }
    let first = random.below(lines.count)
    let last = min(lines.count - 1, first + random.below(4))
    let range = lines[first].lowerBound..<lines[last].upperBound
    let text = Array(input[range])
    if random.below(3) > 0 { input.removeSubrange(range) }
    if random.below(3) > 0 {
      let places = lineRanges(input).map(\.lowerBound)
      input.insert(contentsOf: text, at: places.isEmpty ? 0 : random.pick(places))
    }
  }

  private mutating func indentLine(of input: inout [UInt8]) {
    let lines = lineRanges(input)
    guard !lines.isEmpty else { return }
    let start = random.pick(lines).lowerBound
    if random.below(2) == 0 {
      input.insert(contentsOf: Array(repeating: 0x20, count: 1 + random.below(4)), at: start)
    } else {
      let blanks = input[start...].prefix { $0 == 0x20 }.count
      input.removeSubrange(start..<start + min(blanks, 1 + random.below(2)))
    }
  }

  /// Puts brackets, a few or very many, around a piece.
  private mutating func nest(_ input: inout [UInt8]) {
    let pairs = [
      ("[", "]"), ("{", "}"), ("(", ")"), ("{\"a\":", "}"), ("${ ", " }"), ("'", "'"), ("\"", "\""), ("- ", "\n"),
      ("!", ""), ("-(", ")"),
    ]
    let pair = random.pick(pairs)
    let depth = random.below(6) == 0 ? 300 : 1 + random.below(3)
    let range = piece(of: input, atMost: 60)
    input.insert(contentsOf: Array(repeating: Array(pair.1.utf8), count: depth).joined(), at: range.upperBound)
    input.insert(contentsOf: Array(repeating: Array(pair.0.utf8), count: depth).joined(), at: range.lowerBound)
  }
}
