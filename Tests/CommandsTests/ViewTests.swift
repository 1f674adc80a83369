import Commands
import Testing

@Suite("Views")
struct ViewTests {
  @Test("columns stand below each other whatever script they are in")
  func wideText() {
    var table = TextTable(["KEY", "N", "NOTE"], alignments: [.left, .right])
    table.add("订单一", "7", "短")
    table.add("ab", "12345", "long")
    #expect(table.text() == "KEY         N  NOTE\n订单一      7  短\nab      12345  long\n")
  }

  @Test("the last column is cut at the width, by columns and not by letters")
  func cutting() {
    var table = TextTable()
    table.add("a", "单据编号已存在于目标系统")
    #expect(table.text(width: 14) == "a  单据编号已…\n")
    #expect(cut("abc", to: 3) == "abc")
    #expect(cut("abcd", to: 3) == "ab…")
  }

  @Test("what would steer a terminal is replaced")
  func steering() {
    var table = TextTable()
    table.add("a\u{1B}[2Jb\nc", "\u{202E}x\u{9B}")
    #expect(table.text() == "a\u{FFFD}[2Jb c  \u{FFFD}x\u{FFFD}\n")
  }

  @Test("widths count columns")
  func widths() {
    #expect(displayWidth("abc") == 3)
    #expect(displayWidth("中文") == 4)
    #expect(displayWidth("e\u{301}") == 1)
    #expect(displayWidth("ｆ") == 2)
  }

  @Test("numbers have a comma at every third digit")
  func numbers() {
    #expect([0, 999, 1_000, 1_234_567, -12_345].map { grouped($0) } == ["0", "999", "1,000", "1,234,567", "-12,345"])
  }

  @Test("patterns fit whole names")
  func globs() {
    #expect(matches("sales-out", pattern: "sales-*"))
    #expect(matches("sales-out", pattern: "*"))
    #expect(matches("sales-out", pattern: "s?les*t"))
    #expect(matches("a", pattern: "a**"))
    #expect(!matches("sales-out", pattern: "sales"))
    #expect(!matches("sales-out", pattern: "*-in"))
    #expect(!matches("", pattern: "?"))
    #expect(!matches(String(repeating: "a", count: 2_000), pattern: String(repeating: "*a", count: 200) + "b"))
  }
}
