import Testing

@testable import HTTPClient

@Suite("Header lines of a response")
struct ResponseHeadTests {
  private func head(_ lines: [String]) -> ResponseHead {
    var head = ResponseHead()
    for line in lines {
      let fits = Array((line + "\r\n").utf8).withUnsafeBytes { head.take($0) }
      #expect(fits)
    }
    return head
  }

  @Test("a folded line belongs to the field before it")
  func folded() {
    let head = head(["HTTP/1.1 200 OK", "A: 1", "\t 2 ", "B:", ""])
    #expect(head.headers == [.init("A", "1 2"), .init("B", "")])
    #expect(head.isComplete)
  }

  @Test("a new status line starts afresh, lines after the end are trailers")
  func afresh() {
    let head = head([
      "HTTP/1.1 100 Continue", "A: 1", "Content-Length: 4", "", "HTTP/2 200 ", "Content-Encoding: gzip", "", "C: 3",
    ])
    #expect(head.headers == [.init("Content-Encoding", "gzip")])
    #expect(head.declaredLength == nil)
    #expect(head.isEncoded)
  }

  @Test("a length that is no number is no length", arguments: ["", "x", "99999999999999999999", "1,1"])
  func badLength(value: String) {
    #expect(head(["HTTP/1.1 200 OK", "Content-Length: \(value)", ""]).declaredLength == nil)
  }

  @Test("a line without a colon is passed over, and bytes that are not UTF-8 are replaced")
  func oddLines() {
    var head = head(["HTTP/1.1 200 OK", "nonsense"])
    let fits = ([0x41, 0x3A, 0xFF, 0x0A] as [UInt8]).withUnsafeBytes { head.take($0) }
    #expect(fits)
    #expect(head.headers == [.init("A", "\u{FFFD}")])
  }
}
