import Expressions
import Testing
import Values

@Suite("Texts made from formats and regular expressions")
struct FormattingTests {
  @Test(
    "each clause writes the next value",
    arguments: [
      ("'%s has %d of %s'.format(['W01', 3, record.sku])", "W01 has 3 of A-7"), ("'100%%'.format([])", "100%"),
      ("'%.2f %.0f %f'.format([record.price, 2.5, 7])", "12.35 2 7.000000"),
      ("'%.3e'.format([record.price])", "1.235e+01"),
      ("'%.2f %.0f'.format([9223372036854775807, -9007199254740993])", "9223372036854775807.00 -9007199254740993"),
      ("'%.1f'.format([18446744073709551615u])", "18446744073709551615.0"),
      ("'%.18e'.format([9007199254740993])", "9.007199254740993000e+15"),
      ("'%.65f'.format([record.price])", "12.345" + String(repeating: "0", count: 62)),
      (
        "'%.2f'.format([decimal('1234567890123456789012345678901234567890.125')])",
        "1234567890123456789012345678901234567890.13"
      ),
      ("'%x %X %o %b %b'.format([255, 'né', 8, -5, true])", "ff 6EC3A9 10 -101 1"),
      (
        "'%s'.format([[1, 2.0, 0.0000001, null, 'a', b'b', {'k': int, 'a': duration('1h')}]])",
        "[1, 2, 0.0000001, null, a, b, {a: 3600s, k: int}]"
      ),
      ("'%s %s'.format([1e21, -1.5e-7])", "1000000000000000000000 -0.00000015"),
      ("'%s %d'.format([record.price, record.price])", "12.345 12.345"),
      ("'%f %s'.format([1.0 / 0.0, -1.0 / 0.0])", "Infinity -Infinity"), ("'%s'.format([duration('1.50s')])", "1.5s"),
      ("strings.quote('a\"b\\n\\\\')", "\"a\\\"b\\n\\\\\""),
    ])
  func formats(source: String, expected: String) throws {
    #expect(try evaluate(source, #"{"sku": "A-7", "price": 12.345}"#) == .string(expected))
  }

  @Test(
    "a format that does not fit its values is an error",
    arguments: [
      "'%d'.format(['a'])", "'%s'.format([])", "'%s'.format([1, 2])", "'%'.format([1])", "'%q'.format([1])",
      "'%.101f'.format([1])", "'%.f'.format([1])", "'%x'.format([0.5])", "'%s'.format([optional.of(1)])",
      "'%b'.format(['a'])", "'%f'.format([decimal('1e20000')])", "'%s'.format('a')", "1.format([1])",
    ])
  func refused(source: String) throws {
    #expect(throws: (any Error).self) { try evaluate(source) }
  }

  @Test(
    "matches are replaced, their groups by number",
    arguments: [
      (#"regex.replace('2026-01-31', r'(\d+)-(\d+)-(\d+)', r'\3.\2.\1')"#, "31.01.2026"),
      (#"regex.replace('a1b22', r'\d+', '#', 1)"#, "a#b22"), (#"regex.replace('abc', '', '-')"#, "-a-b-c-"),
      (#"regex.replace('baac', 'a*', 'x')"#, "xbxcx"), (#"regex.replace('abc', 'x', r'\0')"#, "abc"),
      (#"regex.replace('<a><b>', '<.*?>', '.')"#, ".."), (#"regex.replace('<a><b>', '(?U)<.*>', '.')"#, ".."),
      (#"regex.replace('<a><b>', '<.*>', '.')"#, "."), (#"regex.replace('aab', '(a|ab)(c|b)?', r'[\1\2]')"#, "[a][ab]"),
      (#"regex.replace('订单A7', r'\p{Han}+([A-Z])', r'\1-')"#, "A-7"),
      (#"regex.replace('ab', r'(x)?b', r'[\1]')"#, "a[]"),
      (#"regex.replace('a', 'a', r'\\')"#, "\\"),
    ])
  func replaced(source: String, expected: String) throws {
    #expect(try evaluate(source) == .string(expected))
  }

  @Test(
    "parts are extracted, those of the group where there is one",
    arguments: [
      (#"regex.extract('order-0017', r'-0*(\d+)$').orValue('')"#, "\"17\""), (#"regex.extract('x', r'\d')"#, "null"),
      (#"regex.extractAll('A1, B22, C', r'[A-Z]\d+')"#, "[\"A1\",\"B22\"]"),
      (#"regex.extractAll('a=1,b=,c=3', r'=(\d*)')"#, "[\"1\",\"3\"]"),
      (#"regex.extract('aXbXc', '(?:.*)X')"#, "\"aXbX\""), (#"regex.extract('aXbXc', '.*?X')"#, "\"aX\""),
    ])
  func extracted(source: String, expected: String) throws {
    #expect(try json(source) == expected)
  }

  @Test(
    "what names no group, or extracts more than one, is an error",
    arguments: [
      #"regex.replace('a', 'a', r'\1')"#, #"regex.replace('a', 'a', r'\x')"#, #"regex.replace('a', 'a', '\\')"#,
      "regex.extract('ab', '(a)' + '(b)')", "regex.extractAll('ab', '(a)' + '(b)')", "regex.extract('a', '(' + 'a')",
    ])
  func refusedPatterns(source: String) throws {
    #expect(try failure(source)?.kind == .invalidArgument)
  }

  @Test("replacing what any pattern matches ends at the cost limit")
  func bounded() throws {
    let text = String(repeating: "a", count: 20_000)
    let source = "regex.replace(record.t, '(a*)*(b|c)', 'x')"
    #expect(try failure(source, "{\"t\": \"\(text)\"}", costLimit: 100_000)?.kind == .costExceeded)
    let growth = #"regex.replace(regex.replace(record.t, 'a', r'\0\0\0\0\0\0\0\0'), 'a', r'\0\0\0\0\0\0\0\0')"#
    #expect(try failure(growth, "{\"t\": \"\(text)\"}", costLimit: 300_000)?.kind == .costExceeded)
  }
}
