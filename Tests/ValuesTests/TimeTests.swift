import Testing

@testable import Values

@Suite("Time")
struct TimeTests {
  @Test(
    "RFC 3339 texts are read and written",
    arguments: [
      "1970-01-01T00:00:00Z", "2026-11-24T03:10:14Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
      "2024-02-29T12:00:00.500Z", "1969-12-31T23:59:59.000001Z",
    ])
  func roundTrip(_ text: String) throws {
    #expect(try #require(Timestamp(text)).description == text)
  }

  @Test(
    "texts that are no moment are refused",
    arguments: [
      "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01 00:00:00",
      "2026-01-01T00:00:00",
      "2026-01-01T00:00:60Z", "2026-01-01T00:00:00+25:00", "0000-01-01T00:00:00Z",
    ])
  func refused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("every day of four centuries is found again by its number")
  func calendar() {
    for day in stride(from: -200_000, through: 200_000, by: 37) {
      let (year, month, dayOfMonth) = CivilTime.date(daysSinceEpoch: day)
      #expect(CivilTime.daysSinceEpoch(year: year, month: month, day: dayOfMonth) == day)
    }
    #expect(CivilTime(year: 2026, month: 11, day: 24).weekday == 2)
  }

  @Test("patterns write and read local time in a zone")
  func patterns() throws {
    let pattern = try DatePattern("yyyy-MM-dd HH:mm:ss")
    let zone = try #require(Zone("Asia/Shanghai"))
    let time = try #require(Timestamp("2026-11-24T03:10:14Z"))
    #expect(pattern.format(time, in: zone) == "2026-11-24 11:10:14")
    #expect(pattern.parse("2026-11-24 11:10:14", in: zone) == time)
    #expect(pattern.parse("2026-11-24 11:10", in: zone) == nil)
    #expect(pattern.parse("2026-11-31 11:10:14", in: zone) == nil)
    let compact = try DatePattern("yyyyMMdd'T'HHmmss.SSSXXX")
    #expect(compact.format(time, in: zone) == "20261124T111014.000+08:00")
    #expect(compact.parse("20261124T111014.000+08:00", in: .utc) == time)
    #expect(throws: DatePattern.InvalidPattern.self) { try DatePattern("YYYY-qq") }
  }

  @Test("a local time clocks skip or repeat has one definite moment")
  func daylightSaving() throws {
    let berlin = try #require(Zone("Europe/Berlin"))
    let skipped = CivilTime(year: 2026, month: 3, day: 29, hour: 2, minute: 30)
    #expect(berlin.timestamp(skipped).description == "2026-03-29T01:30:00Z")
    let repeated = CivilTime(year: 2026, month: 10, day: 25, hour: 2, minute: 30)
    #expect(berlin.timestamp(repeated).description == "2026-10-25T00:30:00Z")
  }

  @Test("zones are names of the database or offsets, nothing else")
  func zones() {
    #expect(Zone("Asia/Shanghai") != nil)
    #expect(Zone("+08:00") != nil)
    #expect(Zone("Mars/Base") == nil)
    #expect(Zone("CST") == nil)
    #expect(Zone("../etc/passwd") == nil)
  }

  @Test(
    "spans are numbers with units",
    arguments: [("1h30m", 5_400), ("90s", 90), ("-2m", -120), ("0", 0), ("7d", 604_800)])
  func spans(_ text: String, _ seconds: Int64) {
    #expect(TimeSpan(text, days: true) == TimeSpan(seconds: seconds))
  }

  @Test("fractions of units are exact")
  func fractions() {
    #expect(TimeSpan("1.5s")?.description == "1.500s")
    #expect(TimeSpan("-1.5s")?.description == "-1.500s")
    #expect(TimeSpan("250ms") == TimeSpan(milliseconds: 250))
    #expect(TimeSpan(seconds: .max).milliseconds == .max && TimeSpan(seconds: .min).milliseconds == .min)
    for text in ["", "1", "1x", "s", ".s", "1.2.3s", "7d", "--1s"] { #expect(TimeSpan(text) == nil) }
  }
}
