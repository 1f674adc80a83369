import Plans
import Scheduling
import Testing
import Values

@testable import Running

@Suite("Times that are due")
struct DueTimesTests {
  private func due(
    _ text: String, seen: String, now: String, _ policy: SchedulingPlan = SchedulingPlan(), zone: String = "UTC"
  ) throws -> DueTimes {
    DueTimes(
      try CronExpression(text), in: try #require(Zone(zone)), after: try #require(Timestamp(seen)),
      now: try #require(Timestamp(now)), policy)
  }

  @Test("nothing is due before its time, or again")
  func nothing() throws {
    let early = try due("0 * * * *", seen: "2026-01-01T09:00:00Z", now: "2026-01-01T09:59:59Z")
    #expect(early.times.isEmpty && early.missed == 0 && early.passedOver == nil)
  }

  @Test("the latest time is run for, however late")
  func latest() throws {
    let due = try due("0 0 1 * *", seen: "2026-01-02T00:00:00Z", now: "2026-03-20T00:00:00Z")
    #expect(due.times == [Timestamp("2026-03-01T00:00:00Z")] && due.missed == 1 && due.passedOver == nil)
  }

  @Test("beyond the catch-up a time is passed over")
  func catchUp() throws {
    let policy = SchedulingPlan(catchUpMilliseconds: 3_600_000)
    let late = try due("0 0 * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-02T01:00:01Z", policy)
    #expect(late.times.isEmpty && late.passedOver == Timestamp("2026-01-02T00:00:00Z") && late.missed == 1)
    let inTime = try due("0 0 * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-02T01:00:00Z", policy)
    #expect(inTime.times.count == 1)
    let none = SchedulingPlan(catchUpMilliseconds: 0)
    #expect(try due("0 0 * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-02T00:01:00Z", none).times.count == 1)
  }

  @Test("skip runs for a time within two minutes, and for none that is older")
  func skip() throws {
    let policy = SchedulingPlan(misfire: .skip)
    let soon = try due("* * * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-01T00:10:30Z", policy)
    #expect(soon.times == [Timestamp("2026-01-01T00:10:00Z")] && soon.missed == 9)
    let late = try due("0 * * * *", seen: "2026-01-01T00:30:00Z", now: "2026-01-01T01:02:01Z", policy)
    #expect(late.times.isEmpty && late.missed == 1)
  }

  @Test("all runs for each time of a day, the oldest first, and for a hundred at most")
  func all() throws {
    let policy = SchedulingPlan(misfire: .all)
    let hours = try due("0 * * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-03T00:30:00Z", policy)
    #expect(hours.times.first == Timestamp("2026-01-02T01:00:00Z") && hours.times.count == 24 && hours.missed == 24)
    #expect(hours.times == hours.times.sorted())
    let minutes = try due("* * * * *", seen: "2026-01-01T00:00:00Z", now: "2026-01-03T00:00:00Z", policy)
    #expect(minutes.times.count == 100 && minutes.times.last == Timestamp("2026-01-03T00:00:00Z"))
    // More than a thousand are not counted.
    #expect(minutes.missed == 900)
  }

  @Test("a time that clocks skipped is not missed")
  func gap() throws {
    let due = try due(
      "30 2 * * *", seen: "2026-03-28T01:30:00Z", now: "2026-03-29T01:00:00Z", zone: "Europe/Berlin")
    #expect(due.times == [Timestamp("2026-03-29T01:00:00Z")] && due.missed == 0)
  }
}
