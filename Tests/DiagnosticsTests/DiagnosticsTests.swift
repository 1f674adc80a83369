import SourceText
import Testing

@testable import Diagnostics

@Suite("Collecting diagnostics")
struct DiagnosticsTests {
  private func span(_ file: Int, _ range: Range<Int>) -> SourceSpan {
    SourceSpan(file: FileID(index: file), range: range)
  }

  @Test("they are sorted by file, offset and code, and given once")
  func sorted() {
    let late = Diagnostic(.duplicateKey, "b", at: span(0, 9..<10))
    let other = Diagnostic(.duplicateKey, "c", at: span(1, 0..<1))
    let early = Diagnostic(.mergeKey, "a", at: span(0, 1..<2))
    let earlyLowCode = Diagnostic(.duplicateKey, "d", at: span(0, 1..<2))
    let placeless = Diagnostic(code: .fileTooLarge, message: "e")
    let diagnostics = Diagnostics([other, late, early, late, earlyLowCode, placeless])
    #expect(diagnostics.sorted == [placeless, earlyLowCode, early, late, other])
    #expect(diagnostics.count == 6)
  }

  @Test("an error makes the collector say so, a warning does not")
  func hasErrors() {
    var diagnostics = Diagnostics()
    diagnostics.append(Diagnostic(code: .duplicateKey, severity: .warning, message: "a"))
    #expect(!diagnostics.hasErrors)
    diagnostics.append(contentsOf: Diagnostics([Diagnostic(code: .duplicateKey, message: "a")]))
    #expect(diagnostics.hasErrors)
  }

  @Test("the summary counts by severity and files")
  func summary() {
    #expect(Diagnostics().summaryLine == "no findings")
    var diagnostics = Diagnostics([
      Diagnostic(.duplicateKey, "a", at: span(0, 0..<1)), Diagnostic(.duplicateKey, "a", at: span(1, 0..<1)),
    ])
    diagnostics.append(Diagnostic(code: .mergeKey, severity: .warning, message: "a", primary: Label(span(2, 0..<1))))
    #expect(diagnostics.summaryLine == "2 errors, 1 warning in 3 files")
    #expect(Diagnostics([Diagnostic(code: .mergeKey, message: "a")]).summaryLine == "1 error")
  }

  @Test("codes are unique, well formed and in order")
  func codes() {
    let names = DiagnosticCode.all.map(\.rawValue)
    #expect(Set(names).count == names.count)
    #expect(names == names.sorted())
    #expect(names.allSatisfy { $0.count == 6 && $0.hasPrefix("DH") && Int($0.dropFirst(2)) != nil })
    #expect(DiagnosticCode.all.allSatisfy { !$0.title.isEmpty && !$0.explanation.isEmpty })
    #expect(DiagnosticCode.named("dh1004") == .duplicateKey)
    #expect(DiagnosticCode.named("DH0000") == nil)
  }

  @Test(
    "a misspelt name finds the one that was meant",
    arguments: [
      ("sorce", ["target", "source"], "source"), ("soruce", ["source"], "source"), ("kidn", ["kind"], "kind"),
      ("id", ["is", "it"], nil), ("schedule", ["scheduler", "schedules"], "scheduler"), ("abc", ["xyz"], nil),
      ("source", ["source"], nil), ("", ["a"], nil), ("标准", ["标準"], nil), ("集线器名", ["集线器"], "集线器"),
      ("connector", ["konektor"], nil), ("Hub", ["hub"], "hub"),
    ] as [(String, [String], String?)])
  func suggestions(name: String, known: [String], expected: String?) {
    #expect(didYouMean(name, among: known) == expected)
    #expect(didYouMean(name, among: known.reversed()) == expected)
  }

  @Test(
    "the distance counts swaps once",
    arguments: [("", "", 0), ("a", "", 1), ("", "ab", 2), ("ab", "ba", 1), ("kitten", "sitting", 3), ("ca", "abc", 3)])
  func distance(left: String, right: String, expected: Int) {
    #expect(editDistance(Array(left), Array(right)) == expected)
  }
}
