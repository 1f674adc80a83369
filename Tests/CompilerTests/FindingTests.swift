import Plans
import Testing

@Suite("What the compiler finds")
struct FindingTests {
  /// One mistake: a text of one file replaced, and the one finding expected for it.
  struct Mistake: CustomTestStringConvertible, Sendable {
    let file: String
    let old: String
    let new: String
    let code: String
    let marked: String
    var help: String?
    /// Where the finding shows, where that is another file.
    var shownIn: String?

    var testDescription: String { "\(code): \(new)" }
  }

  static let mistakes: [Mistake] = [
    Mistake(
      file: "hub.yaml", old: "select:", new: "selekt:", code: "DH2001", marked: "selekt", help: "did you mean 'select'?"
    ),
    Mistake(
      file: "hub.yaml", old: "batch: 50", new: "batsch: 50", code: "DH2001", marked: "batsch",
      help: "did you mean 'batch'?"),
    Mistake(file: "hub.yaml", old: "batch: 50", new: "batch: many", code: "DH2002", marked: "many"),
    Mistake(file: "hub.yaml", old: "batch: 50", new: "batch: 500", code: "DH2019", marked: "500"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/lists", code: "DH2009", marked: "acme/lists",
      help: "did you mean 'acme/list'?"),
    Mistake(file: "hub.yaml", old: "api: acme/list", new: "api: acme/save", code: "DH2017", marked: "acme/save"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/list, with: { staus: open }", code: "DH2013",
      marked: "staus", help: "did you mean 'status'?"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/list, with: { status: done }", code: "DH2004",
      marked: "done"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/list, schedule: sometimes", code: "DH2015",
      marked: "sometimes"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/list, retry: [1s, ~]", code: "DH2002", marked: "~"),
    Mistake(
      file: "hub.yaml", old: "api: acme/list", new: "api: acme/list, retry: [9223372036854775807s]", code: "DH2015",
      marked: "9223372036854775807s", help: "a length of time has a hundred years at most"),
    Mistake(file: "hub.yaml", old: "record.status ==", new: "recrd.status ==", code: "DH3001", marked: "recrd"),
    Mistake(file: "hub.yaml", old: "${ line.sku }", new: "${ lines.sku }", code: "DH3001", marked: "lines"),
    Mistake(
      file: "hub.yaml", old: "select: ${ record.status == \"paid\" }", new: "select: paid", code: "DH3002",
      marked: "paid"),
    Mistake(
      file: "hub.yaml", old: "  mapping:", new: "  onChange: held\n  mapping:", code: "DH2004", marked: "held",
      help: "did you mean 'hold'?"),
    Mistake(
      file: "hub.yaml", old: "  mapping:", new: "  hold: true\n  mapping:", code: "DH3002", marked: "true"),
    Mistake(file: "hub.yaml", old: "batch: 50", new: "batch: 50, delivery: upsertt", code: "DH2004", marked: "upsertt"),
    Mistake(
      file: "platform.yaml", old: "idempotencyKey: true", new: "idempotencyKey: false", code: "DH2003",
      marked: "acme/save", shownIn: "hub.yaml"),
    Mistake(file: "platform.yaml", old: "  baseURL: ${ connector.baseURL }\n", new: "", code: "DH2003", marked: "acme"),
    Mistake(
      file: "platform.yaml", old: "kind: page, size: 50, more:", new: "kind: cursor, size: 50, next:", code: "",
      marked: ""),
    Mistake(file: "platform.yaml", old: ", more: \"${ response.body.more }\"", new: "", code: "DH2003", marked: "kind"),
    Mistake(
      file: "platform.yaml", old: "  records: ${ response.body.orders }\n", new: "", code: "DH2003", marked: "acme/list"
    ),
    Mistake(
      file: "connectors.yaml", old: "'${ secret(\"env:TOKEN\") }'", new: "s3cret", code: "DH2012", marked: "s3cret"),
    Mistake(
      file: "connectors.yaml", old: ", token: '${ secret(\"env:TOKEN\") }'", new: "", code: "DH2014", marked: "shop"),
    Mistake(
      file: "connectors.yaml", old: "platform: acme", new: "platform: acne", code: "DH2009", marked: "acne",
      help: "did you mean 'acme'?"),
    Mistake(
      file: "connectors.yaml", old: "kind: Connector", new: "kind: Conector", code: "DH2005", marked: "Conector",
      help: "did you mean 'Connector'?"),
    Mistake(file: "connectors.yaml", old: "datahub/v1", new: "datahub/v2", code: "DH2006", marked: "datahub/v2"),
    Mistake(file: "connectors.yaml", old: "name: shop", new: "name: the shop", code: "DH2007", marked: "the shop"),
    Mistake(
      file: "datahub.yaml", old: "timeZone: Asia/Shanghai", new: "timeZone: Asia/Shanghay", code: "DH2015",
      marked: "Asia/Shanghay"),
    Mistake(
      file: "datahub.yaml", old: "timeZone: Asia/Shanghai", new: "catalogues: [presets]", code: "DH2016",
      marked: "presets"),
  ]

  @Test("one mistake gives one finding, at its place", arguments: mistakes)
  func mistake(_ mistake: Mistake) throws {
    let original = try #require(SampleProject.files[mistake.file])
    try #require(original.contains(mistake.old))
    let changed = original.replacing(mistake.old, with: mistake.new)
    let findings = try SampleProject.compile([mistake.file: changed]).findings
    let own = findings
    #expect(own.allSatisfy { $0.file == mistake.shownIn ?? mistake.file }, "\(findings)")
    #expect(own.first?.code ?? "" == mistake.code, "\(findings)")
    #expect(own.first?.marked ?? "" == mistake.marked)
    #expect(own.count == (mistake.code.isEmpty ? 0 : 1), "\(findings)")
    if let help = mistake.help { #expect(own.first?.help == help) }
  }

  @Test("the sample itself is without a finding")
  func clean() throws {
    let (plan, findings) = try SampleProject.compile()
    #expect(findings.isEmpty, "\(findings)")
    #expect(plan?.hubs.map(\.name) == ["orders"])
  }

  @Test("a resource that nothing uses is a warning")
  func unused() throws {
    let more = "apiVersion: datahub/v1\nkind: Platform\nmetadata: { name: other }\nspec: { baseURL: \"http://x\" }\n"
    let (plan, findings) = try SampleProject.compile(["more.yaml": more])
    #expect(findings.map(\.code) == ["DH2021"])
    #expect(plan != nil)
  }

  @Test("two resources of one name are both shown")
  func duplicates() throws {
    let again = try #require(SampleProject.files["hub.yaml"])
    #expect(try SampleProject.compile(["hub2.yaml": again]).findings.map(\.code) == ["DH2008"])
  }

  @Test("a project without its document says so")
  func noProject() throws {
    #expect(try SampleProject.compile(["datahub.yaml": ""]).findings.map(\.code) == ["DH2011"])
  }
}
