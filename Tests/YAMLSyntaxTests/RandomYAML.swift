/// SplitMix64, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators".
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool { Int.random(in: 0..<count, using: &self) == 0 }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[Int.random(in: list.indices, using: &self)] }
}

/// Writes random files in every style that YAML has, with comments wherever there may be one.
struct RandomYAML {
  private var random: SeededGenerator
  private var text = ""
  private var anchors: [String] = []
  private var openAnchors = 0
  private var names = 0
  private var comments = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func file() -> String {
    if random.once(in: 20) { text += "\u{FEFF}" }
    let count = Int.random(in: 1...3, using: &random)
    for index in 0..<count {
      anchors = []
      gap(indentation: 0)
      if index > 0 || random.once(in: 3) {
        if index == 0, random.once(in: 4) { text += "%YAML 1.2\n" }
        text += "---"
        endLine()
      }
      gap(indentation: 0)
      if random.once(in: 2) { mapping(indentation: 0, depth: 0) } else { sequence(indentation: 0, depth: 0) }
      gap(indentation: 0)
      if random.once(in: 8) { text += "...\n" }
    }
    if random.once(in: 6), text.hasSuffix("\n") { text.removeLast() }
    return random.once(in: 10) ? text.replacing("\n", with: "\r\n") : text
  }

  // MARK: - Blanks and comments

  private mutating func comment() -> String {
    comments += 1
    return "#"
      + random.pick([
        " c\(comments)", "c\(comments)", " 注 '\"{[ \(comments)", "", " - a: b \(comments)", "## \(comments) \t",
      ])
  }

  private mutating func endLine() {
    if random.once(in: 5) {
      let column = text.split(separator: "\n", omittingEmptySubsequences: false).last?.count ?? 0
      text += " " + comment()
      if random.once(in: 4) { text += "\n" + String(repeating: " ", count: column + 1) + comment() }
    } else if random.once(in: 10) {
      text += random.pick([" ", "  ", " \t"])
    }
    text += "\n"
  }

  /// Empty lines and comments, these about where the lines around them stand.
  private mutating func gap(indentation: Int) {
    while random.once(in: 4) {
      if random.once(in: 2) {
        text += random.pick(["\n", "\n", "  \n"])
      } else {
        let column = max(0, indentation + random.pick([0, 0, 0, 2, -2, 5, -1]))
        text += String(repeating: " ", count: column) + comment() + "\n"
      }
    }
  }

  private mutating func margin(_ indentation: Int) { text += String(repeating: " ", count: indentation) }

  // MARK: - Blocks

  private mutating func mapping(indentation: Int, depth: Int, isCompact: Bool = false) {
    for index in 0..<Int.random(in: 1...4, using: &random) {
      if index > 0 || !isCompact {
        gap(indentation: indentation)
        margin(indentation)
      }
      names += 1
      let key = random.pick([
        "key\(names)", "\"k \(names)\"", "'k: \(names)'", "键\(names)", "\(names)", "&n\(names) k\(names)",
      ])
      if random.once(in: 12) {
        text += "? " + key
        endLine()
        gap(indentation: indentation)
        margin(indentation)
        text += ":"
      } else {
        text += key + ":"
      }
      value(indentation: indentation, depth: depth, isItem: false)
    }
  }

  private mutating func sequence(indentation: Int, depth: Int, isCompact: Bool = false) {
    for index in 0..<Int.random(in: 1...4, using: &random) {
      if index > 0 || !isCompact {
        gap(indentation: indentation)
        margin(indentation)
      }
      text += "-"
      value(indentation: indentation, depth: depth, isItem: true)
    }
  }

  private mutating func value(indentation: Int, depth: Int, isItem: Bool) {
    let isDeep = depth >= 5
    let anchor = properties()
    defer { if let anchor { anchors.append(anchor) } }
    let next = indentation + random.pick([1, 2, 2, 2, 3, 4])
    switch Int.random(in: 0..<12, using: &random) {
    case 0 where !isDeep:
      endLine()
      // A list may stand as far in as its key.
      sequence(indentation: !isItem && random.once(in: 2) ? indentation : next, depth: depth + 1)
    case 1...2 where !isDeep:
      endLine()
      mapping(indentation: next, depth: depth + 1)
    case 3...4 where !isDeep && isItem && anchor == nil && !text.hasSuffix("!"):
      text += " "
      let column = indentation + 2
      if random.once(in: 2) {
        mapping(indentation: column, depth: depth + 1, isCompact: true)
      } else {
        sequence(indentation: column, depth: depth + 1, isCompact: true)
      }
    case 5...6: block(indentation: indentation, next: next)
    case 7...8:
      text += " "
      flow(indentation: indentation + 1, depth: depth)
      endLine()
    case 9 where anchor == nil && !anchors.isEmpty:
      text += " *" + random.pick(anchors)
      endLine()
    default:
      if random.once(in: 4) {
        endLine()
        if random.once(in: 3) { margin(indentation + 1); text += comment() + "\n" }
        margin(indentation)
      }
      text += " " + scalar(indentation: indentation + 1, inFlow: false)
      endLine()
    }
  }

  private mutating func properties() -> String? {
    guard random.once(in: 8) else { return nil }
    names += 1
    text += " &a\(names)"
    return "a\(names)"
  }

  private mutating func block(indentation: Int, next: Int) {
    let hasIndicator = random.once(in: 3)
    text += random.pick([" |", " >"]) + (hasIndicator ? "\(next - indentation)" : "") + random.pick(["", "-", "+"])
    endLineOfBlock()
    let lines = Int.random(in: 0...4, using: &random)
    for index in 0..<lines {
      if random.once(in: 4) { text += "\n" }
      margin(next)
      if index > 0 || hasIndicator, random.once(in: 3) { text += "  " }
      text +=
        random.pick(["line", "- item", "# no comment", "a: b", "", "行", "x\ty "])
        + (index == 0 && !hasIndicator ? "x" : "") + "\n"
    }
    while random.once(in: 3) { text += "\n" }
  }

  private mutating func endLineOfBlock() { text += random.once(in: 5) ? " " + comment() + "\n" : "\n" }

  // MARK: - Scalars and brackets

  private mutating func scalar(indentation: Int, inFlow: Bool) -> String {
    let gap =
      "\n" + (random.once(in: 4) ? "\n" : "") + String(repeating: " ", count: indentation + random.pick([0, 1, 3]))
    let wide = String(repeating: "long text ", count: 13)
    let plain = [
      "text", "12", "-1.5", "true", "no", "~", "a b", "值", "a\(gap)b", "x#y", "${ e }", "http://h/p", "0x1F", "",
    ]
    let quoted = [
      "'it''s'", "\"t\\tab\"", "'yes'", "\"plain\"", "'a, b'", "\"01\"", "'a\(gap)b'", "\"a\(gap)b \\\(gap)\\ c\"",
      "\"\"", "' '",
      "'${ r == \"x\" ? 1 : 2 }'", "\"#\"", "\"\\u4e2d\"", "\"- a\"", "\"\(wide)\(gap)\(wide)\"", "'null'", "\"a:\"",
    ]
    let all = plain.filter { !inFlow || !($0.contains("{") || $0.isEmpty) } + quoted
    return random.pick(all)
  }

  private mutating func flow(indentation: Int, depth: Int) {
    let isMapping = random.once(in: 2)
    text += isMapping ? "{" : "["
    flowGap(indentation)
    let count = random.pick([0, 1, 2, 3, 3, 12])
    for index in 0..<count {
      if isMapping {
        names += 1
        let key = random.pick(["f\(names)", "'f \(names)'", "\"f\(names)\"", "? f\(names)"])
        text += key
        // libyaml wants the colon on the line of its key.
        if key.hasPrefix("?") { flowGap(indentation) }
        if !random.once(in: 6) {
          text += ": "
          flowGap(indentation)
          flowValue(indentation: indentation, depth: depth)
        }
      } else {
        flowValue(indentation: indentation, depth: depth)
      }
      flowGap(indentation)
      if index < count - 1 || random.once(in: 6) { text += "," }
      text += random.once(in: 4) ? "" : " "
      flowGap(indentation)
    }
    text += isMapping ? "}" : "]"
  }

  private mutating func flowValue(indentation: Int, depth: Int) {
    if depth < 4, random.once(in: 4) {
      flow(indentation: indentation, depth: depth + 1)
    } else if !anchors.isEmpty, random.once(in: 8) {
      text += "*" + random.pick(anchors) + " "
    } else {
      text += scalar(indentation: indentation, inFlow: true)
    }
  }

  private mutating func flowGap(_ indentation: Int) {
    guard random.once(in: 10) else { return }
    text += random.once(in: 2) ? " " + comment() + "\n" : "\n"
    margin(indentation + random.pick([0, 0, 2]))
  }
}
