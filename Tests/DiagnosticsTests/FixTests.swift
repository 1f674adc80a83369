import Diagnostics
import SourceText
import Testing

@Suite("Fixes of names, and applying them")
struct FixTests {
  private func fix(_ written: String, _ known: [String], length: Int? = nil, taken: Set<String> = []) -> FixIt? {
    let end = length ?? written.utf8.count
    return .naming(written, among: known, at: SourceSpan(file: FileID(index: 0), range: 0..<end), taken: taken)
  }

  @Test(
    "a name that only one known name can have been is safe to write",
    arguments: [
      ("schedul", "schedule"), ("shcedule", "schedule"), ("schedulee", "schedule"), ("schidule", "schedule"),
      ("Schedule", "schedule"), ("base_url", "baseURL"), ("base-URL", "baseURL"), ("GET", "get"), ("shop-1a", "shop-1"),
    ])
  func safe(written: String, name: String) {
    let found = fix(written, [name, "something", "else"])
    #expect(found?.applicability == .safe)
    #expect(found?.edits.map(\.replacement) == [name])
  }

  @Test(
    "a name that is further away, short, near to two, or has other digits is not",
    arguments: [
      ("sched", ["schedule"]), ("sheduel", ["schedule"]), ("abd", ["abc"]), ("shop-2", ["shop-1"]),
      ("shop-", ["shop-1"]),
      ("conect", ["connect", "conekt"]), ("v10-hub", ["v1-hub"]),
    ])
  func unsafe(written: String, known: [String]) {
    #expect(fix(written, known)?.applicability != .safe)
  }

  @Test(
    "quotes stay; what is written otherwise than it is read is not touched; what stands there already is not doubled")
  func places() {
    #expect(fix("schedul", ["schedule"], length: 9)?.edits.first?.span.range == 1..<8)
    #expect(fix("schedul", ["schedule"], length: 12) == nil)
    #expect(fix("schedul", ["schedule"], taken: ["schedule"])?.applicability == .unsafe)
    #expect(fix("schedul", ["sched ule"]) == nil)
  }

  private func diagnostic(_ edits: [(Range<Int>, String)], _ applicability: FixIt.Applicability = .safe) -> Diagnostic {
    let id = FileID(index: 0)
    return Diagnostic(
      .unknownKey, "m", at: SourceSpan(file: id, range: edits[0].0),
      fixIt: FixIt(
        edits: edits.map { .init(span: SourceSpan(file: id, range: $0.0), replacement: $0.1) }, message: "f",
        applicability: applicability))
  }

  @Test("safe fixes are applied together; of two that meet the first, of one all edits or none")
  func applying() {
    let file = SourceFile(id: FileID(index: 0), path: "a", bytes: Array("0123456789".utf8))
    func applied(_ findings: [Diagnostic]) -> String {
      String(decoding: SafeFixes(of: findings) { _ in true }.applied(to: file), as: UTF8.self)
    }
    #expect(
      applied([diagnostic([(8..<9, "x")]), diagnostic([(0..<2, "")]), diagnostic([(4..<4, "++")])]) == "23++4567x9")
    #expect(applied([diagnostic([(2..<5, "a")]), diagnostic([(4..<6, "b"), (9..<10, "c")])]) == "01a56789")
    #expect(applied([diagnostic([(2..<3, "a")], .unsafe), diagnostic([(2..<3, "b")], .displayOnly)]) == "0123456789")
    let none = SafeFixes(of: [diagnostic([(0..<1, "a")])]) { _ in false }
    #expect(none.files.isEmpty && none.findings.isEmpty)
  }
}
