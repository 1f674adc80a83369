import Testing

@testable import YAMLSyntax

@Suite("Resolving plain scalars")
struct CoreSchemaTests {
  @Test(
    "the core schema of YAML 1.2.2 decides",
    arguments: [
      ("null", .null), ("Null", .null), ("NULL", .null), ("~", .null), ("", .null), ("nULL", .string), ("~~", .string),
      ("true", .bool(true)), ("True", .bool(true)), ("TRUE", .bool(true)), ("false", .bool(false)),
      ("False", .bool(false)), ("FALSE", .bool(false)), ("tRUE", .string), ("no", .string), ("yes", .string),
      ("on", .string), ("off", .string), ("y", .string), ("n", .string), ("0", .integer(0)), ("-19", .integer(-19)),
      ("+12", .integer(12)), ("007", .integer(7)), ("0o7", .integer(7)), ("0o17", .integer(15)), ("0o8", .string),
      ("0x3A", .integer(58)), ("0x1F", .integer(31)), ("0xg", .string), ("0x", .string), ("0o", .string),
      ("-0x1", .string), ("0X1", .string), ("0b1", .string), ("1_000", .string), ("12:30:45", .string),
      ("2026-11-24", .string), ("0.", .number("0.")), ("-0.0", .number("-0.0")), (".5", .number(".5")),
      ("+12e03", .number("+12e03")), ("-2E+05", .number("-2E+05")), ("1.50", .number("1.50")), ("1e3", .number("1e3")),
      (".", .string), ("+", .string), ("-", .string), ("1e", .string), ("1.2.3", .string), ("e3", .string),
      (".e3", .string), ("+.e", .string), (".inf", .infinity(negative: false)), ("-.Inf", .infinity(negative: true)),
      ("+.INF", .infinity(negative: false)), (".nan", .notANumber), (".NaN", .notANumber), (".NAN", .notANumber),
      ("-.nan", .string), (".infx", .string), ("9223372036854775807", .integer(.max)),
      ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number("9223372036854775808")),
      ("-9223372036854775809", .number("-9223372036854775809")), ("0x7FFFFFFFFFFFFFFF", .integer(.max)),
      ("0o777777777777777777777", .integer(.max)), ("1 2", .string), ("１", .string),
    ] as [(String, CoreValue)])
  func resolves(text: String, expected: CoreValue) {
    #expect(CoreSchema.resolve(text) == expected)
  }

  @Test(
    "a hexadecimal or octal number beyond 64 bits is refused",
    arguments: ["0x8000000000000000", "0o1000000000000000000000"])
  func tooLarge(text: String) {
    #expect(CoreSchema.resolve(text) == nil)
  }
}
