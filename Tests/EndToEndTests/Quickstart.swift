import Foundation
import Testing
import Values

/// A copy of the quickstart example with its stand-ins, in a folder of its own and on free ports.
final class Quickstart {
  let folder: URL
  private(set) var program: Program
  private var sandbox: Process?
  let shopPort: UInt16
  let erpPort: UInt16

  /// - Parameter faults: options of `datahub sandbox`.
  init(faults: [String] = [], startSandbox: Bool = true) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "datahub-quickstart-\(UUID().uuidString)")
    let project = folder.appending(path: "examples/quickstart")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "examples"), withIntermediateDirectories: true)
    let files = FileManager.default
    try files.copyItem(at: Program.root.appending(path: "examples/quickstart"), to: project)
    try? files.removeItem(at: project.appending(path: ".datahub"))  // there only where somebody tried the example
    try files.copyItem(at: Program.root.appending(path: "pipelines"), to: folder.appending(path: "pipelines"))
    shopPort = try freePort()
    erpPort = try freePort()
    program = Program(
      folder: project,
      environment: [
        "QUICKSTART_SHOP_URL": "http://127.0.0.1:\(shopPort)", "QUICKSTART_ERP_URL": "http://127.0.0.1:\(erpPort)",
        "QUICKSTART_SHOP_SECRET": "sandbox-shop-secret", "QUICKSTART_SHOP_TOKEN": "sandbox-shop-token",
        "QUICKSTART_ERP_SECRET": "sandbox-erp-secret",
      ])
    if startSandbox { try self.startSandbox(faults) }
  }

  deinit {
    stopSandbox()
    try? FileManager.default.removeItem(at: folder)  // a leftover in the temporary folder hurts nobody
  }

  var project: URL { program.folder }

  func startSandbox(_ faults: [String] = []) throws {
    let log = folder.appending(path: "sandbox.log")
    try Data().write(to: log)
    let process = try program.start(["sandbox"] + faults, output: try FileHandle(forWritingTo: log))
    sandbox = process
    try eventually("the stand-ins answer") {
      let text = try String(contentsOf: log, encoding: .utf8)
      try #require(process.isRunning, "the sandbox ended: \(text)")
      return text.contains(":\(shopPort)") && text.contains(":\(erpPort)")
    }
  }

  func stopSandbox() {
    sandbox?.terminate()
    sandbox?.waitUntilExit()
    sandbox = nil
  }

  /// Takes an environment variable away, or sets it.
  func set(_ name: String, to value: String?) { program.environment[name] = value ?? "" }

  func apply() throws {
    let outcome = try program.run("apply", "--yes")
    try #require(outcome.code == 0, "\(outcome.messages)")
  }

  /// Runs the hub and gives the object it ends with.
  func run() throws -> (code: Int32, summary: Value, messages: String) {
    let outcome = try program.run("run", "orders", "--output", "json")
    return (outcome.code, try outcome.json(), outcome.messages)
  }

  /// What the ERP was really sent, from its journal.
  func report() throws -> Value {
    let outcome = try program.run("sandbox", "report", "--output", "json")
    try #require(outcome.code == 0, "\(outcome.messages)")
    return try outcome.json()
  }

  /// The orders of the file and what they add up to.
  func expected() throws -> (orders: Int64, amount: Amount) {
    let text = try String(contentsOf: project.appending(path: "data/cdnow-sample.csv"), encoding: .utf8)
    let rows = text.split(whereSeparator: \.isNewline).dropFirst()
    let sum = try rows.reduce(Amount(Int64(0))) { sum, row in
      let amount = try #require(Amount(String(row.split(separator: ",")[4].filter { $0 != "\r" })))
      return try sum.adding(amount)
    }
    return (Int64(rows.count), sum)
  }

  /// Replaces a text in a file of the project.
  func edit(_ file: String, _ old: String, _ new: String) throws {
    let url = project.appending(path: file)
    let text = try String(contentsOf: url, encoding: .utf8)
    try #require(text.contains(old))
    try text.replacing(old, with: new).write(to: url, atomically: true, encoding: .utf8)
  }
}
