/// One of the five fields of a cron expression.
enum CronField: CaseIterable {
  case minute
  case hour
  case day
  case month
  case weekday

  var name: String {
    switch self {
    case .minute: "minute"
    case .hour: "hour"
    case .day: "day of the month"
    case .month: "month"
    case .weekday: "day of the week"
    }
  }

  /// What may be written; the weekday's 7 is Sunday, as 0 is.
  var bounds: ClosedRange<Int> {
    switch self {
    case .minute: 0...59
    case .hour: 0...23
    case .day: 1...31
    case .month: 1...12
    case .weekday: 0...7
    }
  }

  /// What `*` stands for.
  var all: ClosedRange<Int> { self == .weekday ? 0...6 : bounds }

  /// Names that may stand for numbers, in the order of the numbers.
  var names: [String] {
    switch self {
    case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    case .weekday: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
    default: []
    }
  }
}

/// What a field of a cron expression says.
struct CronSet: Sendable, Hashable {
  /// The values it names, as bits.
  private(set) var bits: UInt64 = 0
  /// The last day of the month: `L`.
  private(set) var hasLastDay = false
  /// Weekdays of which the last one in a month is meant, as bits: `5L`.
  private(set) var lastWeekdays: UInt8 = 0
  /// Weekdays of which the n-th one in a month is meant, as bits for n = 1 to 5: `1#2`.
  private(set) var numberedWeekdays: [UInt8] = []
  /// Whether the field begins with `*`: then it follows real time, and does not choose days by itself.
  private(set) var beginsWithStar = false

  /// Reads a field.
  init(_ text: Substring, _ field: CronField) throws(CronError) {
    beginsWithStar = text.first == "*"
    for part in text.split(separator: ",", omittingEmptySubsequences: false) { try add(part, field) }
  }

  func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }

  /// The least value from a bound on.
  func first(from bound: Int) -> Int? {
    guard bound < 64 else { return nil }
    let rest = bits >> UInt64(bound)
    return rest == 0 ? nil : bound + rest.trailingZeroBitCount
  }

  /// The greatest value up to a bound.
  func last(upTo bound: Int) -> Int? {
    guard bound >= 0 else { return nil }
    let rest = bits << UInt64(63 - bound)
    return rest == 0 ? nil : bound - rest.leadingZeroBitCount
  }

  // MARK: - Reading

  private mutating func add(_ part: Substring, _ field: CronField) throws(CronError) {
    guard !part.isEmpty else {
      throw CronError("the \(field.name) has an empty part", help: "write values separated by single commas")
    }
    if try addSpecial(part, field) { return }
    let pieces = part.split(separator: "/", omittingEmptySubsequences: false)
    guard pieces.count <= 2 else {
      throw CronError("the \(field.name) '\(part)' has more than one step", help: "write for example */5")
    }
    var range = try range(pieces[0], field)
    guard pieces.count == 2 else { return insert(range, step: 1, field) }
    let step = try step(pieces[1], field)
    // `5/15` goes on from 5 to the end.
    if !pieces[0].contains("-"), pieces[0] != "*" {
      range = range.lowerBound...max(range.lowerBound, field.all.upperBound)
    }
    insert(range, step: step, field)
  }

  private mutating func insert(_ range: ClosedRange<Int>, step: Int, _ field: CronField) {
    for value in stride(from: range.lowerBound, through: range.upperBound, by: step) {
      bits |= 1 << UInt64(field == .weekday ? value % 7 : value)
    }
  }

  private func range(_ text: Substring, _ field: CronField) throws(CronError) -> ClosedRange<Int> {
    if text == "*" { return field.all }
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count <= 2 else {
      throw CronError("the \(field.name) '\(text)' is no range", help: "write for example 1-5")
    }
    let low = try number(ends[0], field)
    guard ends.count == 2 else { return low...low }
    let high = try number(ends[1], field)
    // In `fri-sun` Sunday ends the week.
    let end = field == .weekday && high == 0 && low > 0 ? 7 : high
    guard low <= end else {
      throw CronError(
        "the \(field.name) '\(text)' runs backwards",
        help: "write \(text.split(separator: "-")[0])-\(field.all.upperBound),\(field.all.lowerBound)-\(ends[1])")
    }
    return low...end
  }

  private func number(_ text: Substring, _ field: CronField) throws(CronError) -> Int {
    if let index = field.names.firstIndex(of: text.lowercased()) { return index + field.bounds.lowerBound }
    guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let value = Int(text),
      field.bounds.contains(value)
    else {
      let names = field.names.isEmpty ? "" : ", or a name such as \(field.names[1])"
      throw CronError(
        "'\(text.prefix(20))' is no \(field.name)",
        help: "it takes *, or numbers from \(field.bounds.lowerBound) to \(field.bounds.upperBound)\(names)")
    }
    return value
  }

  private func step(_ text: Substring, _ field: CronField) throws(CronError) -> Int {
    let most = field.all.upperBound
    guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let step = Int(text),
      (1...most).contains(step)
    else {
      // */90 would mean minute 0 and nothing else: never what was meant.
      throw CronError(
        "'\(text.prefix(20))' is no step of the \(field.name)", help: "a step is a number from 1 to \(most)")
    }
    return step
  }

  /// Reads what is no number or range; false where the part is none of these.
  private mutating func addSpecial(_ part: Substring, _ field: CronField) throws(CronError) -> Bool {
    if field == .day, part.uppercased() == "L" {
      hasLastDay = true
      return true
    }
    if field == .weekday, part.count > 1, part.last == "L" || part.last == "l" {
      lastWeekdays |= 1 << UInt8(try number(part.dropLast(), field) % 7)
      return true
    }
    if field == .weekday, let mark = part.firstIndex(of: "#") {
      let weekday = try number(part[..<mark], field) % 7
      guard let place = Int(part[part.index(after: mark)...]), (1...5).contains(place) else {
        throw CronError(
          "'\(part.prefix(20))' is no day of the week", help: "after # stands a number from 1 to 5: mon#1")
      }
      if numberedWeekdays.isEmpty { numberedWeekdays = [0, 0, 0, 0, 0] }
      numberedWeekdays[place - 1] |= 1 << UInt8(weekday)
      return true
    }
    try refuseForeign(part, field)
    return false
  }

  /// Forms that other programs know, by their marks: said by name, since whoever writes one means something.
  private static let foreignForms: [(mark: UInt8, help: String)] = [
    (UInt8(ascii: "?"), "write *"),
    (UInt8(ascii: "W"), "days nearest to a weekday are not known: name days or weekdays"),
    (UInt8(ascii: "~"), "random values are not known: name one"),
    (UInt8(ascii: "H"), "hashed values are not known: name one"),
    (UInt8(ascii: "L"), "L stands alone in the day of the month, or behind a day of the week: 5L"),
    (UInt8(ascii: "#"), "# stands behind a day of the week: mon#1"),
  ]

  private func refuseForeign(_ part: Substring, _ field: CronField) throws(CronError) {
    let signs = part.uppercased().utf8
    // Most fields are digits and our own signs; a month or a weekday has letters of these, too.
    guard let form = CronSet.foreignForms.first(where: { signs.contains($0.mark) }),
      !field.names.contains(where: { part.lowercased().contains($0) })
    else { return }
    let mark = Character(UnicodeScalar(form.mark))
    throw CronError("'\(part.prefix(20))' is no \(field.name): '\(mark)' is not known there", help: form.help)
  }
}
