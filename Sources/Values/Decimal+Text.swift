extension Decimal: CustomStringConvertible {
  /// The digits, as they came or in plain form; always a JSON number.
  public var description: String {
    switch storage {
    case .compact(let coefficient, let scale):
      return Decimal.plain(Int128(coefficient), scale: Int(scale))
    case .wide(let wide):
      if let text = wide.text { return text }
      return Decimal.plain(wide.coefficient ?? 0, scale: wide.scale)
    }
  }

  static func plain(_ coefficient: Int128, scale: Int) -> String {
    if scale < 0 { return "\(coefficient)E+\(-scale)" }
    let digits = String(coefficient.magnitude)
    let sign = coefficient < 0 ? "-" : ""
    if scale == 0 { return sign + digits }
    if scale > 64 { return "\(coefficient)E-\(scale)" }
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return sign + padded.dropLast(scale) + "." + padded.suffix(scale)
  }

  /// The number a text in JSON's number form stands for (RFC 8259, section 6); nil for any other text.
  ///
  /// A leading `+` is not allowed, nor are leading zeros, a bare point, or more than 10,000 characters.
  public init?(_ text: String) {
    var text = text
    let parsed = text.withUTF8 { Decimal.parse($0) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// The decimal of the fewest digits that names the same double; nil for infinities and NaN.
  public init?(shortest number: Double) {
    guard number.isFinite else { return nil }
    guard let parsed = Decimal(number.description), let (coefficient, scale) = parsed.normalized() else { return nil }
    if scale < 0, let factor = Decimal.power(-scale) {
      let (whole, overflow) = coefficient.multipliedReportingOverflow(by: factor)
      self = overflow ? parsed : Decimal(coefficient: whole, scale: 0)
    } else {
      self.init(coefficient: coefficient, scale: scale)
    }
  }

  static let maximumLength = 10_000

  /// Reads a whole number text; nil unless all of it is one JSON number.
  static func parse(_ bytes: UnsafeBufferPointer<UInt8>) -> Decimal? {
    guard let form = NumberForm(bytes, from: 0), form.end == bytes.count, bytes.count <= maximumLength else {
      return nil
    }
    return Decimal(form, in: bytes)
  }

  /// The decimal of a number that has been found well-formed.
  init(_ form: NumberForm, in bytes: UnsafeBufferPointer<UInt8>) {
    let text = bytes[form.start..<form.end]
    if form.exponentStart == nil, form.digitCount <= 18, form.fractionDigits <= Decimal.compactScale {
      var magnitude: Int64 = 0
      for byte in text where byte >= 0x30 { magnitude = magnitude * 10 + Int64(byte - 0x30) }
      if magnitude != 0 || !form.isNegative {
        self.init(compact: form.isNegative ? -magnitude : magnitude, scale: UInt8(form.fractionDigits))
        return
      }
    }
    self.init(storage: .wide(WideDecimal(form, text: text)))
  }
}

extension WideDecimal {
  convenience init(_ form: NumberForm, text: Slice<UnsafeBufferPointer<UInt8>>) {
    var coefficient: Int128? = 0
    for byte in text {
      if byte == 0x65 || byte == 0x45 { break }
      guard byte >= 0x30, let current = coefficient else { continue }
      let (shifted, overflow) = current.multipliedReportingOverflow(by: 10)
      let (sum, overflowSum) = shifted.addingReportingOverflow(Int128(byte - 0x30))
      coefficient = overflow || overflowSum ? nil : sum
    }
    if form.isNegative, let magnitude = coefficient { coefficient = -magnitude }
    var scale = form.fractionDigits
    if let exponentStart = form.exponentStart {
      let digits = String(decoding: text[(exponentStart + 1)...], as: UTF8.self)
      // An exponent that is itself astronomical is kept as text only.
      if let exponent = Int(digits), exponent.magnitude < 1_000_000 {
        scale -= exponent
      } else if coefficient != 0 {
        coefficient = nil
      }
    }
    let written = String(decoding: text, as: UTF8.self)
    let isPlain = coefficient.map { Decimal.plain($0, scale: scale) == written } ?? false
    self.init(coefficient: coefficient, scale: scale, text: isPlain ? nil : written)
  }
}

/// Where the parts of a JSON number stand (RFC 8259, section 6).
struct NumberForm {
  let start: Int
  private(set) var end = 0
  private(set) var isNegative = false
  /// Digits before and behind the point.
  private(set) var digitCount = 0
  private(set) var fractionDigits = 0
  /// The place of the `e`.
  private(set) var exponentStart: Int?

  /// Reads as far as a number goes; nil where none starts or it ends too early.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) {
    self.start = start
    var at = start
    let count = bytes.count
    func isDigit(_ place: Int) -> Bool { place < count && bytes[place] &- 0x30 < 10 }
    if at < count, bytes[at] == 0x2D {
      isNegative = true
      at += 1
    }
    guard isDigit(at) else { return nil }
    if bytes[at] == 0x30 {
      at += 1
      digitCount = 1
      if isDigit(at) { return nil }
    } else {
      while isDigit(at) {
        at += 1
        digitCount += 1
      }
    }
    if at < count, bytes[at] == 0x2E {
      at += 1
      let fraction = at
      while isDigit(at) { at += 1 }
      fractionDigits = at - fraction
      digitCount += fractionDigits
      if fractionDigits == 0 { return nil }
    }
    if at < count, bytes[at] == 0x65 || bytes[at] == 0x45 {
      exponentStart = at
      at += 1
      if at < count, bytes[at] == 0x2B || bytes[at] == 0x2D { at += 1 }
      let digits = at
      while isDigit(at) { at += 1 }
      if at == digits { return nil }
    }
    end = at
  }

  /// True where the number has neither a fraction nor an exponent.
  var isInteger: Bool { fractionDigits == 0 && exponentStart == nil }
}
