extension JSONParser {
  /// Reads the string that starts at the quote in front.
  @inline(__always)
  mutating func readString() throws(JSONError) -> String {
    let start = at + 1
    var place = start
    var seen: UInt64 = 0
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    // Eight bytes at a time while none is a quote, a backslash or a control character.
    while place + 8 <= end {
      let word = UnsafeRawPointer(text + place).loadUnaligned(as: UInt64.self)
      let quote = word ^ (ones &* 0x22)
      let slash = word ^ (ones &* 0x5C)
      let control = (word &- ones &* 0x20) & ~word
      let found = (control | ((quote &- ones) & ~quote) | ((slash &- ones) & ~slash)) & highs
      if found != 0 {
        // Borrows only ever run upwards, so the lowest mark is exact; what stands before it is part of the text.
        let clean = found.trailingZeroBitCount >> 3
        if clean > 0 { seen |= word & (~0 >> UInt64(64 - 8 * clean)) }
        place += clean
        break
      }
      seen |= word
      place += 8
    }
    while place < end {
      let byte = text[place]
      if byte == 0x22 {
        at = place + 1
        return try string(from: start, to: place, isASCII: seen & highs == 0)
      }
      if byte == 0x5C || byte < 0x20 { break }
      seen |= UInt64(byte)
      place += 1
    }
    return try readEscapedString(from: start, to: place)
  }

  @inline(__always)
  private func string(from start: Int, to stop: Int, isASCII: Bool) throws(JSONError) -> String {
    let bytes = UnsafeBufferPointer(start: text + start, count: stop - start)
    if isASCII { return String(decoding: bytes, as: UTF8.self) }
    guard let valid = String(checkedUTF8: bytes) else {
      throw JSONError(message: "the text is not UTF-8 in a string", offset: start)
    }
    return valid
  }

  /// Goes on with a string in which a backslash, a control character or the end of the text was met at `stop`.
  @inline(never)
  private mutating func readEscapedString(from start: Int, to stop: Int) throws(JSONError) -> String {
    scratch.removeAll()
    if stop > start { scratch.append(text + start, stop - start) }
    at = stop
    while at < end {
      let byte = text[at]
      switch byte {
      case 0x22:
        at += 1
        let decoded = scratch.withBytes { String(checkedUTF8: $0) }
        guard let decoded else { throw JSONError(message: "the text is not UTF-8 in a string", offset: start) }
        return decoded
      case 0x5C: try readEscape()
      case 0..<0x20:
        throw JSONError(message: "a control character in a string must be escaped", offset: at)
      default:
        let run = at
        repeat { at += 1 } while at < end && text[at] >= 0x20 && text[at] != 0x22 && text[at] != 0x5C
        scratch.append(text + run, at - run)
      }
    }
    throw JSONError(message: "the string is not closed", offset: start - 1)
  }

  private mutating func readEscape() throws(JSONError) {
    at += 1
    let sign = next
    at += 1
    switch sign {
    case 0x22, 0x5C, 0x2F: scratch.append(sign)
    case 0x62: scratch.append(0x08)
    case 0x66: scratch.append(0x0C)
    case 0x6E: scratch.append(0x0A)
    case 0x72: scratch.append(0x0D)
    case 0x74: scratch.append(0x09)
    case 0x75:
      let scalar = try readUnicodeEscape()
      scratch.append(String(Character(scalar)))
    default: throw JSONError(message: "an escape that JSON does not know", offset: at - 2)
    }
  }

  private mutating func readUnicodeEscape() throws(JSONError) -> UnicodeScalar {
    let start = at - 2
    let first = try readHex()
    if let scalar = UnicodeScalar(first) { return scalar }
    guard first < 0xDC00, next == 0x5C, at + 1 < end, text[at + 1] == 0x75 else {
      throw JSONError(message: "half of a surrogate pair", offset: start)
    }
    at += 2
    let second = try readHex()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = UnicodeScalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw JSONError(message: "half of a surrogate pair", offset: start) }
    return scalar
  }

  private mutating func readHex() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = next
      switch byte {
      case 0x30...0x39: value = value << 4 + UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 + UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 + UInt32(byte - 0x57)
      default: throw unexpected("a hexadecimal digit")
      }
      at += 1
    }
    return value
  }

  /// Reads the number in front; see ``JSONParser`` for what becomes of it.
  @inline(__always)
  mutating func readNumber() throws(JSONError) -> Value {
    var place = at
    let isNegative = text[place] == 0x2D
    if isNegative { place += 1 }
    let firstDigit = place
    var magnitude: Int64 = 0
    while place < end, text[place] &- 0x30 < 10, place - firstDigit < 18 {
      magnitude = magnitude &* 10 &+ Int64(text[place] &- 0x30)
      place += 1
    }
    let wholeDigits = place - firstDigit
    let hasLeadingZero = wholeDigits > 1 && text[firstDigit] == 0x30
    guard wholeDigits > 0, !hasLeadingZero else { return try readUnusualNumber() }
    var scale = 0
    if place < end, text[place] == 0x2E {
      place += 1
      let fraction = place
      while place < end, text[place] &- 0x30 < 10, wholeDigits + place - fraction < 18 {
        magnitude = magnitude &* 10 &+ Int64(text[place] &- 0x30)
        place += 1
      }
      scale = place - fraction
      if scale == 0 { return try readUnusualNumber() }
    }
    if place < end {
      let byte = text[place]
      if byte &- 0x30 < 10 || byte == 0x2E || byte | 0x20 == 0x65 { return try readUnusualNumber() }
    }
    if isNegative {
      if magnitude == 0 { return try readUnusualNumber() }
      magnitude = -magnitude
    }
    at = place
    return scale == 0 ? .int(magnitude) : .decimal(Decimal(compact: magnitude, scale: UInt8(scale)))
  }

  /// Reads a number with an exponent, with many digits, or with an error in it.
  @inline(never)
  private mutating func readUnusualNumber() throws(JSONError) -> Value {
    let bytes = UnsafeBufferPointer(start: text, count: end)
    guard let form = NumberForm(bytes, from: at) else {
      throw JSONError(message: "a number that is not of JSON's form", offset: at)
    }
    guard form.end - form.start <= Decimal.maximumLength else {
      throw JSONError(message: "a number of more than \(Decimal.maximumLength) characters", offset: at)
    }
    at = form.end
    if form.isInteger, let number = Int64(String(decoding: bytes[form.start..<form.end], as: UTF8.self)),
      !(number == 0 && form.isNegative)
    {
      return .int(number)
    }
    return .decimal(Decimal(form, in: bytes))
  }
}
