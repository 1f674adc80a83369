import Scheduling
import Testing
import Values

/// The next times of an expression, in RFC 3339.
private func next(_ text: String, after start: String, in zone: String = "UTC", _ count: Int = 3) throws -> [String] {
  let cron = try CronExpression(text)
  let zone = try #require(Zone(zone))
  var time = try #require(Timestamp(start))
  return (0..<count).compactMap { _ in
    guard let found = cron.next(after: time, in: zone) else { return nil }
    time = found
    return found.description
  }
}

@Suite("Cron expressions")
struct CronTests {
  @Test(
    "each field takes stars, numbers, ranges, steps, names and lists",
    arguments: [
      ("0 */2 * * *", ["2026-01-01T02:00:00Z", "2026-01-01T04:00:00Z", "2026-01-01T06:00:00Z"]),
      ("5,10-12/2 3 * * *", ["2026-01-01T03:05:00Z", "2026-01-01T03:10:00Z", "2026-01-01T03:12:00Z"]),
      ("50/5 0 * * *", ["2026-01-01T00:50:00Z", "2026-01-01T00:55:00Z", "2026-01-02T00:50:00Z"]),
      ("0 9 * JAN-feb mon-Fri", ["2026-01-01T09:00:00Z", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00Z"]),
      ("0 0 * * 7", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-18T00:00:00Z"]),
      ("0 0 * * fri-sun", ["2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z"]),
      ("0 0 L * *", ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]),
      ("0 0 * * 5L", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]),
      ("0 0 * * mon#2", ["2026-01-12T00:00:00Z", "2026-02-09T00:00:00Z", "2026-03-09T00:00:00Z"]),
      ("0 0 29 2 *", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z", "2036-02-29T00:00:00Z"]),
      ("@hourly", ["2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T03:00:00Z"]),
      ("@weekly", ["2026-01-04T00:00:00Z", "2026-01-11T00:00:00Z", "2026-01-18T00:00:00Z"]),
      ("@Monthly", ["2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"]),
      ("@yearly", ["2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z", "2029-01-01T00:00:00Z"]),
    ])
  func fields(_ text: String, _ times: [String]) throws {
    #expect(try next(text, after: "2026-01-01T00:00:00Z") == times)
  }

  @Test("a day needs one of two day fields, and both where one begins with a star")
  func dayFields() throws {
    #expect(
      try next("0 0 13 * fri", after: "2026-01-01T00:00:00Z", 4) == [
        "2026-01-02T00:00:00Z", "2026-01-09T00:00:00Z", "2026-01-13T00:00:00Z", "2026-01-16T00:00:00Z",
      ])
    // 1, 3, 5, ... and a Friday.
    #expect(
      try next("0 0 */2 * fri", after: "2026-01-01T00:00:00Z") == [
        "2026-01-09T00:00:00Z", "2026-01-23T00:00:00Z", "2026-02-13T00:00:00Z",
      ])
  }

  @Test(
    "what is no expression is refused with what to write",
    arguments: [
      ("", "no five fields"), ("* * * *", "no five fields"), ("0 0 0 * * *", "seconds and years are not known"),
      ("60 * * * *", "'60' is no minute"), ("* 24 * * *", "'24' is no hour"),
      ("* * 0 * *", "'0' is no day of the month"),
      ("* * * 13 *", "'13' is no month"), ("* * * * 8", "'8' is no day of the week"),
      ("+5 * * * *", "'+5' is no minute"),
      ("*/0 * * * *", "'0' is no step"), ("*/90 * * * *", "'90' is no step"), ("1/2/3 * * * *", "more than one step"),
      ("22-2 * * * *", "runs backwards"), ("1,,2 * * * *", "an empty part"), ("1-2-3 * * * *", "is no range"),
      ("? * * * *", "'?' is not known there"), ("0 0 15W * *", "'W' is not known there"),
      ("H * * * *", "'H' is not known"),
      ("0 0 * * mon#6", "is no day of the week"), ("0 0 L-3 * *", "'L' is not known there"),
      ("0 0 30 2 *", "never comes"),
      ("0 0 31 feb,apr,jun *", "never comes"), ("@reboot", "'@reboot' is not known"),
      ("0 0 * foo *", "'foo' is no month"),
      ("０ 0 * * *", "is no minute"),
    ])
  func refused(_ text: String, _ message: String) {
    let error = #expect(throws: CronError.self) { try CronExpression(text) }
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "accepted")")
    #expect(error?.help.isEmpty == false)
  }

  @Test("a thousand bytes are the most an expression may have")
  func longest() {
    #expect(throws: CronError.self) { try CronExpression(String(repeating: "1,", count: 600) + "1 * * * *") }
  }
}

@Suite("Daylight saving time")
struct DaylightSavingTests {
  @Test("a fixed time that clocks skip is due once, right after the gap")
  func gap() throws {
    #expect(
      try next("15,30,45 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin", 4) == [
        "2026-03-29T01:00:00Z", "2026-03-30T00:15:00Z", "2026-03-30T00:30:00Z", "2026-03-30T00:45:00Z",
      ])
    // What is due at the moment after the gap anyway is not due twice.
    #expect(
      try next("0 2,3 * * *", after: "2026-03-29T00:00:00Z", in: "Europe/Berlin", 2) == [
        "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z",
      ])
  }

  @Test("a fixed time that clocks show twice is due the first time only")
  func repeatedHour() throws {
    #expect(
      try next("30 1,2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Berlin") == [
        "2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T00:30:00Z",
      ])
    #expect(
      try next("30 2 * * *", after: "2026-10-25T01:00:00Z", in: "Europe/Berlin", 1) == ["2026-10-26T01:30:00Z"])
  }

  @Test("what begins with a star follows the time that goes by")
  func realTime() throws {
    #expect(
      try next("0 * * * *", after: "2026-10-24T23:30:00Z", in: "Europe/Berlin", 4) == [
        "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00Z",
      ])
    #expect(
      try next("*/30 2 * * *", after: "2026-10-24T12:00:00Z", in: "Europe/Berlin", 4) == [
        "2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z",
      ])
    #expect(
      try next("*/30 2 * * *", after: "2026-03-28T12:00:00Z", in: "Europe/Berlin", 1) == ["2026-03-30T00:00:00Z"])
    #expect(
      try next("0 */2 * * *", after: "2026-03-28T23:30:00Z", in: "Europe/Berlin", 2) == [
        "2026-03-29T02:00:00Z", "2026-03-29T04:00:00Z",
      ])
  }

  @Test("a skipped midnight, a skipped day and half an hour are changes like others")
  func oddChanges() throws {
    // Cairo's clocks go from 24:00 to 1:00.
    #expect(
      try next("0 0 * * *", after: "2024-04-25T12:00:00Z", in: "Africa/Cairo", 2) == [
        "2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z",
      ])
    // Samoa had no 30 December 2011.
    #expect(
      try next("0 9 30 12 *", after: "2011-12-01T00:00:00Z", in: "Pacific/Apia", 2) == [
        "2011-12-30T10:00:00Z", "2012-12-29T19:00:00Z",
      ])
    // Lord Howe's clocks go back by half an hour.
    #expect(
      try next("*/30 1 * * *", after: "2027-04-03T12:00:00Z", in: "Australia/Lord_Howe") == [
        "2027-04-03T14:00:00Z", "2027-04-03T14:30:00Z", "2027-04-03T15:00:00Z",
      ])
  }

  @Test("a yearly time far away is found across changes")
  func farAway() throws {
    #expect(
      try next("*/20 * 4 7 *", after: "2026-07-05T04:00:00Z", in: "America/New_York", 1) == ["2027-07-04T04:00:00Z"])
  }

  @Test(
    "the previous time is the one the next one leads back to",
    arguments: [
      ("*/20 * * * *", "Europe/Berlin"), ("15,45 1-3 * * *", "Europe/Berlin"), ("30 2 * * *", "America/New_York"),
      ("0 0 * * *", "Africa/Cairo"), ("*/30 1 * * *", "Australia/Lord_Howe"), ("5 4 L * 1#1", "Asia/Shanghai"),
    ])
  func previous(_ text: String, _ name: String) throws {
    let cron = try CronExpression(text)
    let zone = try #require(Zone(name))
    var time = try #require(Timestamp("2026-01-01T00:00:00Z"))
    for _ in 0..<2_000 {
      let found = try #require(cron.next(after: time, in: zone))
      #expect(cron.previous(upTo: found, in: zone) == found)
      #expect(cron.previous(upTo: found + TimeSpan(seconds: 59), in: zone) == found)
      let before = try #require(cron.previous(upTo: found - TimeSpan(seconds: 1), in: zone))
      #expect(cron.next(after: before, in: zone) == found)
      time = found
    }
  }

  @Test("there is nothing before the first year and after the last")
  func ends() throws {
    let cron = try CronExpression("0 0 1 1 *")
    #expect(cron.next(after: Timestamp.range.upperBound, in: .utc) == nil)
    #expect(cron.previous(upTo: Timestamp.range.lowerBound - TimeSpan(seconds: 1), in: .utc) == nil)
  }
}
