import Foundation
import Testing
import Values

@Suite("Bad input", .serialized, .timeLimit(.minutes(10)))
struct BadInputTests {
  @Test("broken YAML, an unknown key and an unknown API are shown at their places; exit 1")
  func brokenFiles() throws {
    let quickstart = try Quickstart(startSandbox: false)
    try quickstart.edit("hubs/orders.yaml", "select:", "selekt:")
    try quickstart.edit("hubs/orders.yaml", "api: yard/orders-save", "api: yard/order-save")
    try quickstart.edit("connectors.yaml", "metadata: { name: erp, title: ERP }", "metadata: { name: erp, title: ERP")
    let outcome = try quickstart.program.run("validate", "--output", "json")
    #expect(outcome.code == 1)
    let findings = try #require(try outcome.json()["findings"]?.listValue)
    #expect(findings.contains { $0["code"] == "DH2001" && $0["line"] == 12 && $0["column"] == 3 })
    #expect(findings.contains { $0["file"]?.stringValue?.hasSuffix("connectors.yaml") == true })
    let text = try quickstart.program.run("validate")
    #expect(text.code == 1)
    #expect((text.output + text.messages).contains("did you mean 'select'?"))
    #expect(try quickstart.program.run("apply", "--yes").code == 1)
  }

  @Test("a run before anything is deployed says what to do; exit 1")
  func nothingDeployed() throws {
    let quickstart = try Quickstart(startSandbox: false)
    let outcome = try quickstart.program.run("run", "orders")
    #expect(outcome.code == 1)
    #expect(outcome.messages.contains("apply"))
  }

  @Test("a hub that is not there is a mistake in the call, with a suggestion")
  func unknownHub() throws {
    let quickstart = try Quickstart(startSandbox: false)
    try quickstart.apply()
    let outcome = try quickstart.program.run("run", "order")
    #expect(outcome.code == 64 || outcome.code == 1)
    #expect(outcome.messages.contains("orders"))
  }

  @Test("a missing secret is named, with the connector and what to set; nothing is sent, and the exit code is 64")
  func missingSecret() throws {
    let quickstart = try Quickstart()
    try quickstart.apply()
    quickstart.set("QUICKSTART_ERP_SECRET", to: nil)
    for command in [
      ["run", "orders"], ["work", "--stop-when-empty"], ["up"], ["schedule", "work"], ["schedule", "run"],
      ["dispatch", "orders", "--source"], ["sandbox"],
    ] {
      let outcome = try quickstart.program.run(command)
      #expect(outcome.code == 64, "\(command): \(outcome.messages)")
      #expect(outcome.messages.contains("QUICKSTART_ERP_SECRET"), "\(command)")
      #expect(outcome.messages.contains("erp"), "\(command)")
    }
    // What is deployed has no secret in it.
    #expect(try quickstart.program.run("apply", "--yes").code == 0)
    #expect(try quickstart.report()["orders"] == 0)
  }

  @Test("a file with a secret that others may read ends a run with exit code 64, and is not shown")
  func unreadableSecret() throws {
    let quickstart = try Quickstart()
    let file = quickstart.project.appending(path: "erp.secret")
    try Data("sandbox-erp-secret\n".utf8).write(to: file)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
    try quickstart.edit("connectors.yaml", "env:QUICKSTART_ERP_SECRET", "file:\(file.path)")
    try quickstart.apply()
    let outcome = try quickstart.program.run("run", "orders")
    #expect(outcome.code == 64, "\(outcome.messages)")
    #expect(outcome.messages.contains(file.path) && !outcome.messages.contains("sandbox-erp-secret"))
    #expect(try quickstart.report()["orders"] == 0)
  }

  @Test("a server that is down ends the run with exit 69 and loses nothing")
  func serverDown() throws {
    let quickstart = try Quickstart()
    try quickstart.edit("hubs/orders.yaml", "retry: [1s, 5s, 20s, 5m, 1h, 4h, 20h]", "retry: [50ms, 1h]")
    try quickstart.apply()
    quickstart.stopSandbox()
    let outcome = try quickstart.program.run("run", "orders", "--wait", "2s")
    #expect(outcome.code == 69, "\(outcome.messages)")
    #expect(outcome.messages.lowercased().contains("connect"))
  }

  @Test("wrong credentials are the platform's own words; with the right ones everything arrives")
  func wrongCredentials() throws {
    let quickstart = try Quickstart()
    try quickstart.edit("hubs/orders.yaml", "retry: [1s, 5s, 20s, 5m, 1h, 4h, 20h]", "retry: [3s, 3s, 3s, 3s, 3s, 3s]")
    try quickstart.apply()
    quickstart.set("QUICKSTART_ERP_SECRET", to: "wrong")
    let outcome = try quickstart.program.run("run", "orders", "--wait", "0s")
    #expect(outcome.code == 1 || outcome.code == 69)
    #expect(!outcome.messages.contains("wrong\""), "the secret is not shown")
    #expect(try quickstart.report()["orders"] == 0)
    quickstart.set("QUICKSTART_ERP_SECRET", to: "sandbox-erp-secret")
    #expect(try quickstart.run().code == 0)
    #expect(try quickstart.report()["orders"]?.intValue == quickstart.expected().orders)
  }

  @Test("a mapping that fails for one record of a batch: the others arrive, that one is failed with field and reason")
  func oneBadRecord() throws {
    let quickstart = try Quickstart()
    try quickstart.edit(
      "hubs/orders.yaml", "customer: ${ record.shop_buyer_id }",
      #"customer: '${ record.so_id == "CD000007" ? dyn(record).missing : record.shop_buyer_id }'"#)
    try quickstart.apply()
    let run = try quickstart.run()
    #expect(run.code == 1)
    #expect(run.summary["failed"] == 1)
    #expect(try quickstart.report()["orders"]?.intValue == quickstart.expected().orders - 1)
    let shown = try quickstart.program.run("record", "show", "orders", "CD000007", "--output", "json").json()
    let record = shown["summary"] ?? shown
    #expect(record["state"] == "failed")
    #expect(record.at("error", "field") == "customer")
    #expect(record.at("error", "message")?.stringValue?.contains("missing") == true)
    let list = try quickstart.program.run("record", "list", "orders", "--state", "failed", "--output", "json")
    #expect(try list.json().listValue?.count == 1)
  }
}
