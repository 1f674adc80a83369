/// A class of characters in a regular expression.
struct CharacterSet: Sendable {
  enum Member: Sendable {
    case range(ClosedRange<UInt32>)
    case property(UnicodeClass)
    /// A class within a class: `[a\D]`.
    case set(CharacterSet)
  }

  private let members: [Member]
  private let isNegated: Bool
  private let foldsCase: Bool
  /// The answers for ASCII, a bit each.
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  init(_ members: [Member], isNegated: Bool = false, foldsCase: Bool = false) {
    self.members = members
    self.isNegated = isNegated
    self.foldsCase = foldsCase
    for code in UInt8(0)..<128 where find(UnicodeScalar(code)) {
      if code < 64 { low |= 1 << UInt64(code) } else { high |= 1 << UInt64(code - 64) }
    }
  }

  func contains(_ scalar: UnicodeScalar) -> Bool {
    let code = scalar.value
    if code < 64 { return low >> UInt64(code) & 1 == 1 }
    if code < 128 { return high >> UInt64(code - 64) & 1 == 1 }
    return find(scalar)
  }

  private func find(_ scalar: UnicodeScalar) -> Bool {
    var found = isMember(scalar)
    if !found, foldsCase {
      // Twice, as a long s is a small s only by way of the capital one.
      found = scalar.caseVariants.contains { isMember($0) || $0.caseVariants.contains(where: isMember) }
    }
    return found != isNegated
  }

  private func isMember(_ scalar: UnicodeScalar) -> Bool {
    members.contains { member in
      switch member {
      case .range(let range): range.contains(scalar.value)
      case .property(let property): property.contains(scalar)
      case .set(let set): set.contains(scalar)
      }
    }
  }

  // MARK: - Named classes

  /// The class of `\d`, `\W` and so on: ASCII, as in RE2.
  static func perl(_ letter: UnicodeScalar) -> CharacterSet? {
    switch letter {
    case "d", "D": CharacterSet(ascii("0-9"), isNegated: letter == "D")
    case "w", "W": CharacterSet(ascii("0-9A-Za-z__"), isNegated: letter == "W")
    case "s", "S": CharacterSet(ascii("\t-\n\u{C}-\r  "), isNegated: letter == "S")
    default: nil
    }
  }

  /// The class of `[:alpha:]` and so on.
  static func posix(_ name: String) -> CharacterSet? {
    posixClasses[name].map { CharacterSet(ascii($0)) }
  }

  /// Ranges written one after the other: `0-9A-Z`; a single character is written as both of its ends.
  private static func ascii(_ text: String) -> [Member] {
    var members: [Member] = []
    var rest = Array(text.unicodeScalars)[...]
    while let first = rest.popFirst(), var last = rest.popFirst() {
      if last == "-", let end = rest.popFirst() { last = end }
      members.append(.range(first.value...last.value))
    }
    return members
  }

  private static let posixClasses = [
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": "\u{0}-\u{7F}", "blank": "\t\t  ",
    "cntrl": "\u{0}-\u{1F}\u{7F}\u{7F}",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@[-`{-~", "space": "\t-\r  ",
    "upper": "A-Z", "word": "0-9A-Za-z__", "xdigit": "0-9A-Fa-f",
  ]
}

/// A class of characters that Unicode names: a general category or a script.
struct UnicodeClass: Sendable {
  private let name: String
  private let scripts: [ClosedRange<UInt32>]
  private let isNegated: Bool

  /// The class of `\p{...}`; nil for a name that is none of the supported.
  init?(_ name: String, isNegated: Bool) {
    if let scripts = UnicodeClass.scripts[name] {
      self.scripts = scripts
    } else if UnicodeClass.categories.contains(name) {
      scripts = []
    } else {
      return nil
    }
    self.name = name
    self.isNegated = isNegated
  }

  func contains(_ scalar: UnicodeScalar) -> Bool {
    let isIn: Bool
    if !scripts.isEmpty {
      isIn = scripts.contains { $0.contains(scalar.value) }
    } else {
      isIn = name == "Any" || scalar.properties.generalCategory.shortName.hasPrefix(name)
    }
    return isIn != isNegated
  }

  private static let categories: Set<String> = [
    "Any", "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe",
    "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
  ]

  /// Letters of the scripts that business data has, after Unicode's Scripts.txt.
  private static let scripts: [String: [ClosedRange<UInt32>]] = [
    "Han": [
      0x2E80...0x2E99, 0x2E9B...0x2EF3, 0x2F00...0x2FD5, 0x3005...0x3005, 0x3007...0x3007, 0x3021...0x3029,
      0x3038...0x303B, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFA6D, 0xFA70...0xFAD9, 0x16FE2...0x16FE3,
      0x16FF0...0x16FF1, 0x20000...0x2A6DF, 0x2A700...0x2EE5D, 0x2F800...0x2FA1D, 0x30000...0x323AF,
    ],
    "Latin": [
      0x41...0x5A, 0x61...0x7A, 0xAA...0xAA, 0xBA...0xBA, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2B8, 0x1E00...0x1EFF,
      0x2C60...0x2C7F, 0xA722...0xA787, 0xFF21...0xFF3A, 0xFF41...0xFF5A,
    ],
    "Greek": [
      0x370...0x373, 0x375...0x377, 0x37A...0x37D, 0x37F...0x37F, 0x384...0x384, 0x386...0x386, 0x388...0x3E1,
      0x3F0...0x3FF, 0x1F00...0x1FFE,
    ],
    "Cyrillic": [0x400...0x484, 0x487...0x52F, 0x1C80...0x1C8A, 0x2DE0...0x2DFF, 0xA640...0xA69F],
    "Hiragana": [0x3041...0x3096, 0x309D...0x309F],
    "Katakana": [0x30A1...0x30FA, 0x30FD...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF6F, 0xFF71...0xFF9D],
    "Hangul": [0x1100...0x11FF, 0x3131...0x318E, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xD7B0...0xD7FB],
  ]
}

extension UnicodeScalar {
  /// The other letters this one is when upper and lower case are one.
  var caseVariants: [UnicodeScalar] {
    [properties.lowercaseMapping, properties.uppercaseMapping].compactMap { mapping in
      let scalars = mapping.unicodeScalars
      guard scalars.count == 1, let scalar = scalars.first, scalar != self else { return nil }
      return scalar
    }
  }
}

extension Unicode.GeneralCategory {
  fileprivate var shortName: String {
    switch self {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    case .unassigned: "Cn"
    @unknown default: "Cn"
    }
  }
}
