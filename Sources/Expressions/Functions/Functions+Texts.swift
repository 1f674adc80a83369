import Values

extension Functions {
  static let texts: [Function] = [
    Function(
      "charAt", .member, ["string.charAt(int) -> string"],
      "The character at a place, from 0; empty text at the place behind the last.", example: "\"hub\".charAt(1)",
      two: charAt),
    Function(
      "indexOf", .member, arity: 2...3,
      ["string.indexOf(string) -> int", "string.indexOf(string, int) -> int"],
      "Where a text first stands in another, at or after a place; -1 where it does not.",
      example: "\"a-b-c\".indexOf(\"-\")"
    ) { (arguments: [Value], frame: inout Frame) throws(Failure) in
      try find(arguments, backwards: false, &frame)
    },
    Function(
      "lastIndexOf", .member, arity: 2...3,
      ["string.lastIndexOf(string) -> int", "string.lastIndexOf(string, int) -> int"],
      "Where a text last stands in another, at or before a place; -1 where it does not.",
      example: "\"a-b-c\".lastIndexOf(\"-\")"
    ) { (arguments: [Value], frame: inout Frame) throws(Failure) in
      try find(arguments, backwards: true, &frame)
    },
    Function(
      "join", .member, arity: 1...2, ["list(string).join() -> string", "list(string).join(string) -> string"],
      "The texts of a list one after the other, with another between them.",
      example: "record.tags.join(\", \")", many: join),
    Function(
      "lowerAscii", .member, ["string.lowerAscii() -> string"], "The text with A to Z in lower case.",
      example: "record.code.lowerAscii()"
    ) { (value: Value, frame: inout Frame) throws(Failure) in
      try mapBytes(value, &frame) { $0 &- 0x41 < 26 ? $0 + 0x20 : $0 }
    },
    Function(
      "upperAscii", .member, ["string.upperAscii() -> string"], "The text with a to z in upper case.",
      example: "record.code.upperAscii()"
    ) { (value: Value, frame: inout Frame) throws(Failure) in
      try mapBytes(value, &frame) { $0 &- 0x61 < 26 ? $0 - 0x20 : $0 }
    },
    Function(
      "replace", .member, arity: 3...4,
      ["string.replace(string, string) -> string", "string.replace(string, string, int) -> string"],
      "The text with every (or the first so many) occurrence of a text replaced by another.",
      example: "record.phone.replace(\"-\", \"\")", many: replace),
    Function(
      "split", .member, arity: 2...3,
      ["string.split(string) -> list(string)", "string.split(string, int) -> list(string)"],
      "The parts of a text between the occurrences of another, at most so many.",
      example: "record.path.split(\"/\")", many: split),
    Function(
      "substring", .member, arity: 2...3,
      ["string.substring(int) -> string", "string.substring(int, int) -> string"],
      "The characters from a place on, up to but not including another.", example: "record.code.substring(0, 3)",
      many: substring),
    Function(
      "trim", .member, ["string.trim() -> string"], "The text without white space at both ends.",
      example: "record.name.trim()", one: trim),
    Function(
      "reverse", .member, ["string.reverse() -> string", "list(T).reverse() -> list(T)"],
      "The characters or elements from the last to the first.", example: "\"abc\".reverse()", one: reverse),
    Function(
      "padStart", .both, arity: 2...3,
      ["padStart(string, int, string) -> string", "string.padStart(int, string) -> string"],
      "The text with a character (else a space) put before it until it has a width.",
      example: "padStart(string(record.no), 8, \"0\")"
    ) { (arguments: [Value], frame: inout Frame) throws(Failure) in
      try pad(arguments, atStart: true, &frame)
    },
    Function(
      "padEnd", .both, arity: 2...3,
      ["padEnd(string, int, string) -> string", "string.padEnd(int, string) -> string"],
      "The text with a character (else a space) put behind it until it has a width.",
      example: "record.code.padEnd(10, \" \")"
    ) { (arguments: [Value], frame: inout Frame) throws(Failure) in
      try pad(arguments, atStart: false, &frame)
    },
  ]

  /// The characters of a text; texts are counted in Unicode code points, as CEL does.
  private static func characters(_ value: Value, _ frame: inout Frame) throws(Failure) -> [UnicodeScalar] {
    guard case .string(let text) = value else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count)
    return Array(text.unicodeScalars)
  }

  private static func string(_ characters: some Sequence<UnicodeScalar>) -> Value {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: characters)
    return .string(String(text))
  }

  /// A place in a list or text of a length, its end included.
  static func place(_ value: Value, upTo count: Int) throws(Failure) -> Int {
    guard case .int(let number) = value else { throw Failure.noOverload }
    guard number >= 0, number <= Int64(count) else {
      throw Failure.invalid("the place \(number) is outside 0 to \(count)")
    }
    return Int(number)
  }

  private static func charAt(_ text: Value, _ place: Value, _ frame: inout Frame) throws(Failure) -> Value {
    let characters = try characters(text, &frame)
    let place = try Functions.place(place, upTo: characters.count)
    return string(characters[place..<min(place + 1, characters.count)])
  }

  private static func find(
    _ arguments: [Value], backwards: Bool, _ frame: inout Frame
  ) throws(Failure) -> Value {
    let text = try characters(arguments[0], &frame)
    let part = try characters(arguments[1], &frame)
    var limit = backwards ? text.count : 0
    if arguments.count == 3 { limit = try place(arguments[2], upTo: text.count) }
    let last = text.count - part.count
    guard last >= 0 else { return .int(-1) }
    let places = backwards ? Array((0...min(limit, last)).reversed()) : limit <= last ? Array(limit...last) : []
    for start in places {
      try frame.charge(1 + part.count >> 4)
      if text[start..<start + part.count].elementsEqual(part) { return .int(Int64(start)) }
    }
    return .int(-1)
  }

  private static func join(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard case .list(let items) = arguments[0] else { throw Failure.noOverload }
    var separator = ""
    if arguments.count == 2 {
      guard case .string(let text) = arguments[1] else { throw Failure.noOverload }
      separator = text
    }
    var length = 0
    var result = ""
    for (index, item) in items.enumerated() {
      guard case .string(let text) = item else {
        throw Failure.invalid(
          "element \(index) of the list is \(item.typeName.withArticle), not a string",
          help: "write list.map(x, string(x)).join(...)")
      }
      length += text.utf8.count + (index > 0 ? separator.utf8.count : 0)
      try frame.charge(1)
      if length > frame.maximumTextBytes { try frame.charge(text: length) }
      if index > 0 { result += separator }
      result += text
    }
    try frame.charge(text: length)
    return .string(result)
  }

  private static func mapBytes(
    _ value: Value, _ frame: inout Frame, _ change: (UInt8) -> UInt8
  ) throws(Failure) -> Value {
    guard case .string(let text) = value else { throw Failure.noOverload }
    try frame.charge(text: text.utf8.count)
    return .string(String(decoding: text.utf8.map(change), as: UTF8.self))
  }

  private static func count(_ arguments: [Value], at index: Int) throws(Failure) -> Int {
    guard arguments.count > index else { return .max }
    guard case .int(let number) = arguments[index] else { throw Failure.noOverload }
    return number < 0 ? .max : Int(number)
  }

  private static func replace(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = arguments[0], case .string(let old) = arguments[1],
      case .string(let new) = arguments[2]
    else { throw Failure.noOverload }
    let limit = try count(arguments, at: 3)
    let parts = try pieces(text, old, limit: limit == .max ? .max : limit + 1, &frame)
    let length = parts.reduce(0) { $0 + $1.count } + (parts.count - 1) * new.utf8.count
    try frame.charge(text: length)
    return .string(String(decoding: Array(parts.joined(separator: Array(new.utf8))), as: UTF8.self))
  }

  private static func split(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard case .string(let text) = arguments[0], case .string(let separator) = arguments[1] else {
      throw Failure.noOverload
    }
    let limit = try count(arguments, at: 2)
    if limit == 0 { return .list([]) }
    if separator.isEmpty, !text.isEmpty {
      let letters = Array(text.unicodeScalars)
      try frame.charge(letters.count)
      let cut = min(limit, letters.count) - 1
      return .list(letters[..<cut].map { .string(String($0)) } + [string(letters[cut...])])
    }
    return .list(
      try pieces(text, separator, limit: limit, &frame).map { .string(String(decoding: $0, as: UTF8.self)) })
  }

  /// The bytes between the occurrences of a separator; an empty separator stands between any two characters and at both
  /// ends.
  private static func pieces(
    _ text: String, _ separator: String, limit: Int, _ frame: inout Frame
  ) throws(Failure) -> [ArraySlice<UInt8>] {
    let bytes = Array(text.utf8)
    let wanted = Array(separator.utf8)
    try frame.charge(text: bytes.count)
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    var searchFrom = 0
    while pieces.count + 1 < limit, let found = offset(of: wanted, in: bytes, from: searchFrom) {
      try frame.charge(1)
      pieces.append(bytes[start..<found])
      start = found + wanted.count
      searchFrom = start
      if wanted.isEmpty {
        if found >= bytes.count { break }
        searchFrom = found + 1
        while searchFrom < bytes.count, bytes[searchFrom] & 0xC0 == 0x80 { searchFrom += 1 }
      }
    }
    return pieces + [bytes[start...]]
  }

  private static func substring(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    let characters = try characters(arguments[0], &frame)
    let start = try place(arguments[1], upTo: characters.count)
    let end = try arguments.count == 3 ? place(arguments[2], upTo: characters.count) : characters.count
    guard start <= end else { throw Failure.invalid("the part from \(start) to \(end) ends before it starts") }
    return string(characters[start..<end])
  }

  private static func trim(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    let characters = try characters(value, &frame)
    guard let first = characters.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = characters.lastIndex(where: { !$0.properties.isWhitespace })
    else { return .string("") }
    return string(characters[first...last])
  }

  private static func reverse(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    if case .list(let items) = value {
      try frame.charge(items.count)
      return .list(items.reversed())
    }
    return string(try characters(value, &frame).reversed())
  }

  private static func pad(_ arguments: [Value], atStart: Bool, _ frame: inout Frame) throws(Failure) -> Value {
    let characters = try characters(arguments[0], &frame)
    guard case .int(let width) = arguments[1] else { throw Failure.noOverload }
    var filler: [UnicodeScalar] = [" "]
    if arguments.count == 3 { filler = try Functions.characters(arguments[2], &frame) }
    guard filler.count == 1 else { throw Failure.invalid("one character is needed to fill with") }
    guard width > Int64(characters.count) else { return arguments[0] }
    guard width <= Int64(frame.maximumTextBytes / 4) else {
      throw Failure(.costExceeded, "the text would have \(width) characters")
    }
    try frame.charge(text: Int(width))
    let fill = repeatElement(filler[0], count: Int(width) - characters.count)
    return string(atStart ? Array(fill) + characters : characters + Array(fill))
  }
}
