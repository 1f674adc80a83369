import Expressions
import Testing
import Values

@Suite("Rounding, calendars and bindings")
struct BusinessTests {
  @Test(
    "a mode says what becomes of digits there is no place for",
    arguments: [
      ("halfUp", "2.5 3.5 -2.5 2.4", "3 4 -3 2"), ("halfEven", "2.5 3.5 -2.5 2.6", "2 4 -2 3"),
      ("halfDown", "2.5 3.5 -2.5 2.6", "2 3 -2 3"), ("up", "2.1 2 -2.1 0.01", "3 2 -3 1"),
      ("down", "2.9 2 -2.9 0.99", "2 2 -2 0"), ("ceiling", "2.1 2 -2.9 0.01", "3 2 -2 1"),
      ("floor", "2.9 2 -2.1 0.99", "2 2 -3 0"),
    ])
  func modes(mode: String, numbers: String, expected: String) throws {
    let results = try numbers.split(separator: " ").map { try json("round(decimal('\($0)'), 0, '\(mode)')") }
    #expect(results.joined(separator: " ") == expected)
  }

  @Test(
    "amounts are rounded and divided exactly",
    arguments: [
      ("round(12, 2, 'floor')", "12.00"), ("record.price.round(1)", "12.3"), ("record.price.round(1, 'up')", "12.4"),
      ("divide(100, 3, 2)", "33.33"), ("divide(-100, 3, 2, 'up')", "-33.34"), ("divide(record.price, 0.1, 0)", "123"),
      ("divide(1, 8, 2)", "0.13"), ("divide(1, 8, 2, 'halfEven')", "0.12"), ("divide(10, 5, 3)", "2.000"),
      ("round(decimal('1E-50'), 2, 'ceiling')", "0.01"), ("round(decimal('1E-50'), 2)", "0.00"),
      ("math.trunc(decimal('-1.9'))", "-1"), ("math.ceil(decimal('-1.9'))", "-1"),
      ("math.floor(decimal('-1.1'))", "-2"),
    ])
  func rounded(source: String, expected: String) throws {
    #expect(try json(source.replacing("0.1, 0", with: "decimal('0.1'), 0"), #"{"price": 12.345}"#) == expected)
  }

  @Test(
    "a division or rounding that cannot be is an error",
    arguments: [
      "divide(1, 0, 2)", "divide(0.5, 2, 2)", "round(1, 2, 'nearest')", "round(1, 35)", "round(0.5, 2)",
      "divide(decimal('99999999999999999999999999999999999999'), 1, 5)", "math.ceil(record.n)", "math.round(record.n)",
    ])
  func refused(source: String) throws {
    #expect(throws: (any Error).self) { try evaluate(source, #"{"n": 1}"#) }
  }

  @Test(
    "days and months are those of a zone's calendar",
    arguments: [
      // 2026-03-29 has 23 hours in Berlin, 2026-10-25 has 25.
      ("startOfDay('Europe/Berlin')", "2026-03-28T23:00:00Z"), ("endOfDay('Europe/Berlin')", "2026-03-29T21:59:59Z"),
      ("startOfDay()", "2026-03-29T00:00:00Z"), ("startOfWeek('Asia/Shanghai')", "2026-03-22T16:00:00Z"),
      ("endOfWeek()", "2026-03-29T23:59:59Z"), ("startOfMonth('Asia/Shanghai')", "2026-02-28T16:00:00Z"),
      ("endOfMonth()", "2026-03-31T23:59:59Z"), ("startOfYear()", "2026-01-01T00:00:00Z"),
      ("endOfYear('+08:00')", "2026-12-31T15:59:59Z"), ("addDays(1, 'Europe/Berlin')", "2026-03-30T11:30:00Z"),
      ("addDays(-1, 'Europe/Berlin')", "2026-03-28T12:30:00Z"), ("addMonths(11)", "2027-02-28T12:30:00Z"),
      ("addMonths(-13)", "2025-02-28T12:30:00Z"), ("addYears(2)", "2028-03-29T12:30:00Z"),
      ("addDays(2).addMonths(-1)", "2026-02-28T12:30:00Z"),
    ])
  func calendar(call: String, expected: String) throws {
    let time = call.hasSuffix("Berlin')") && call.hasPrefix("addDays") ? "2026-03-29T11:30:00Z" : "2026-03-29T12:30:00Z"
    #expect(try json("timestamp('\(time)').\(call)") == "\"\(expected)\"")
  }

  @Test(
    "the days between two moments are the midnights between them",
    arguments: [
      ("2026-01-31T23:59:59Z", "2026-02-01T00:00:00Z", "", 1), ("2026-01-31T00:00:00Z", "2026-01-31T23:59:59Z", "", 0),
      ("2026-01-31T12:00:00Z", "2026-01-31T17:00:00Z", ", 'Asia/Shanghai'", 1),
      ("2026-02-01T00:00:00Z", "2026-01-30T00:00:00Z", "", -2), ("1969-12-31T23:00:00Z", "1970-01-01T01:00:00Z", "", 1),
    ])
  func days(from: String, to: String, zone: String, expected: Int64) throws {
    #expect(try evaluate("timestamp('\(from)').daysUntil(timestamp('\(to)')\(zone))") == .int(expected))
  }

  @Test(
    "a calendar needs moments, zones that are, and years from 1 to 9999",
    arguments: [
      "'2026-01-31'.startOfDay()", "timestamp(0).addDays(9223372036854775807)", "timestamp(0).addYears(9000)",
      "timestamp(0).addMonths(1, 'Nowhere/Land')", "timestamp(0).daysUntil(1)",
    ])
  func refusedTimes(source: String) throws {
    #expect(throws: (any Error).self) { try evaluate(source) }
  }

  @Test(
    "a bound value is worked out once, where it is first asked for",
    arguments: [
      ("cel.bind(x, 1 / 0, true || x > 1)", "true"), ("cel.bind(x, 1 / 0, 5)", "5"),
      ("cel.bind(l, [1, 2].map(i, i * record.n), l.map(i, l.map(j, i + j)))", "[[4,6],[6,8]]"),
      ("[1, 2].map(i, cel.bind(x, [i].map(j, j * record.n)[0], [x].map(k, k + x + i)))", "[[5],[10]]"),
      ("cel.bind(a, record.n, cel.bind(b, a * a, cel.bind(a, b + 1, a + b)))", "9"),
      (
        "cel.block([record.n, cel.index(0) + 1, [cel.index(1)].map(cel.iterVar(0, 0), cel.iterVar(0, 0) * 2)], "
          + "cel.index(2)[0] + cel.index(0))", "8"
      ),
    ])
  func bindings(source: String, expected: String) throws {
    #expect(try json(source, #"{"n": 2}"#) == expected)
  }

  @Test("bindings that fail are not tried without end")
  func failingBindings() throws {
    var source = "x0"
    for level in (0..<60).reversed() {
      let value = level == 0 ? "1 / record.n > 0" : "x\(level - 1) || x\(level - 1)"
      source = "cel.bind(x\(level), \(value), \(level == 59 ? "x59" : source))"
    }
    #expect(try failure(source, #"{"n": 0}"#, costLimit: 100_000)?.kind == .costExceeded)
  }

  @Test(
    "addresses are asked, and leave an expression as text",
    arguments: [
      ("ip('2001:DB8:0:0:1::')", "\"2001:db8:0:0:1::\""), ("cidr('10.1.2.3/8').masked()", "\"10.0.0.0/8\""),
      ("[ip('::')]", "[\"::\"]"), ("cidr('10.0.0.0/8').containsIP(record.ip)", "true"),
      ("ip(record.ip).isGlobalUnicast()", "true"), ("cidr('fe80::/10').containsIP('febf::1')", "true"),
      ("isIP('01.2.3.4')", "false"), ("isIP('1::2::3')", "false"), ("isIP('::1.2.3.4')", "true"),
      ("type(ip('::')) == net.IP", "true"), ("isCIDR('1.2.3.4/33')", "false"),
      ("ip('1.2.3.4') == ip('1.2.3.4')", "true"),
    ])
  func addresses(source: String, expected: String) throws {
    #expect(try json(source, #"{"ip": "10.1.2.3"}"#) == expected)
  }

  @Test(
    "an address is never taken for a map",
    arguments: [
      "size(ip('::'))", "json(ip('::'))", "'a' in ip('::')", "ip('::').map(x, x)", "ip('::').family", "isIP(ip('::'))",
    ])
  func refusedAddresses(source: String) throws {
    #expect(throws: (any Error).self) { try evaluate(source) }
  }
}
