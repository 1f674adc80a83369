import Testing

@testable import Values

@Suite("Decimal")
struct DecimalTests {
  private func decimal(_ text: String) throws -> Decimal { try #require(Decimal(text)) }

  @Test(
    "sums and products are exact and keep their places",
    arguments: [
      ("0.10", "+", "0.20", "0.30"), ("29.33", "+", "0.00", "29.33"), ("1", "+", "0.005", "1.005"),
      ("0.10", "-", "0.30", "-0.20"), ("29.33", "*", "3", "87.99"), ("1.5", "*", "1.50", "2.250"),
      ("99999999999999999999", "+", "0.01", "99999999999999999999.01"), ("-3", "*", "2.5", "-7.5"),
      ("9223372036854775807", "+", "1", "9223372036854775808"), ("10", "/", "4", "2.5"), ("1", "/", "8", "0.125"),
      ("1", "/", "3", "0.3333333333333333333333333333333333"), ("100", "/", "0.5", "200"),
      ("2", "/", "3", "0.6666666666666666666666666666666667"),
    ])
  func arithmetic(_ left: String, _ sign: String, _ right: String, _ expected: String) throws {
    let (a, b) = (try decimal(left), try decimal(right))
    let result =
      switch sign {
      case "+": try a.adding(b)
      case "-": try a.subtracting(b)
      case "*": try a.multiplying(by: b)
      default: try a.divided(by: b)
      }
    #expect(result.description == expected)
  }

  @Test("a result of more than 38 digits is refused, as is division by zero")
  func limits() throws {
    let large = try decimal("99999999999999999999999999999999999999")
    #expect(throws: DecimalError.tooManyDigits) { try large.multiplying(by: large) }
    #expect(throws: DecimalError.divisionByZero) { try large.divided(by: try decimal("0.00")) }
  }

  @Test(
    "rounding goes away from zero at a half",
    arguments: [
      ("2.345", 2, "2.35"), ("-2.345", 2, "-2.35"), ("2.5", 0, "3"), ("2.4", 2, "2.40"), ("0.004", 2, "0.00"),
      ("1234.5", -2, "12E+2"),
    ])
  func rounding(_ text: String, _ places: Int, _ away: String) throws {
    #expect(try decimal(text).rounded(places: places).description == away)
  }

  @Test(
    "any number is written with as many places as are wanted, exactly",
    arguments: [
      ("12.345", 2, "12.35", "1.23e+01"), ("-0.005", 2, "-0.01", "-5.00e-03"), ("-0.004", 2, "0.00", "-4.00e-03"),
      ("0", 0, "0", "0e+00"), ("0.00", 1, "0.0", "0.0e+00"), ("9.995", 2, "10.00", "1.00e+01"),
      ("0.5", 0, "1", "5e-01"),
      ("99.5", 0, "100", "1e+02"), ("1E+2", 1, "100.0", "1.0e+02"), ("0.05", 0, "0", "5e-02"),
      ("1e-400", 3, "0.000", "1.000e-400"),
      (
        "123456789012345678901234567890123456789012345.65", 1, "123456789012345678901234567890123456789012345.7",
        "1.2e+44"
      ),
    ])
  func fixed(_ text: String, _ places: Int, _ fixed: String, _ scientific: String) throws {
    #expect(try decimal(text).fixed(places: places) == fixed)
    #expect(try decimal(text).scientific(places: places) == scientific)
  }

  @Test("a number of too many places to write is not written")
  func tooLong() throws {
    #expect(try decimal("1e10001").fixed(places: 0) == nil)
    #expect(try decimal("1e99999999999999999999").fixed(places: 2) == nil)
    #expect(try decimal("1e-99999999999999999999").fixed(places: 2) == "0.00")
    #expect(try decimal("1.5").fixed(places: 70) == "1.5" + String(repeating: "0", count: 69))
  }

  @Test("comparison is by value, whatever the places and the size")
  func comparison() throws {
    #expect(try decimal("12.30") == decimal("12.3"))
    #expect(try decimal("1E+2") == decimal("100"))
    #expect(try decimal("-1") < decimal("0.1"))
    #expect(try decimal("1e400") > decimal("99999999999999999999999999999999999999999999"))
    #expect(try decimal("-1e400") < decimal("1e-400"))
    #expect(try decimal("1e9223372036854775807") > decimal("1"))
    #expect(try decimal("1e99999999999999999999") > decimal("1e400"))
    #expect(try decimal("1e-99999999999999999999") < decimal("1e-400"))
    #expect(Value.compareNumbers(.decimal(try decimal("0.1")), .double(0.1)) == .equal)
    #expect(Value.compareNumbers(.int(.max), .double(9_223_372_036_854_775_808)) == .less)
    #expect(Value.compareNumbers(.int(3), .double(3.5)) == .less)
    #expect(Value.compareNumbers(.double(-3.5), .int(-3)) == .less)
  }

  @Test("a whole decimal is a 64-bit number, one with a fraction is not")
  func wholeNumbers() throws {
    #expect(try decimal("12.00").int64 == 12)
    #expect(try decimal("1e3").int64 == 1_000)
    #expect(try decimal("12.01").int64 == nil)
    #expect(try decimal("9223372036854775808").int64 == nil)
  }
}
