import Commands
import Foundation
import Synchronization
import Testing
import Values

/// Keeps what is written.
final class TextKeeper: TextSink {
  private let kept = Mutex("")

  var text: String { kept.withLock { $0 } }
  var isBroken: Bool { false }

  func write(_ text: String) { kept.withLock { $0 += text } }
}

/// What a call of the program came to.
struct Call {
  let exit: ExitCode
  let output: String
  let messages: String

  /// The output as JSON.
  func json() throws -> Value { try Value(json: output) }
}

/// A project in a temporary folder, which goes when it goes.
final class TemporaryProject {
  let folder: URL
  var environment: [String: String] = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]

  init(_ files: [String: String] = [:]) throws {
    let base = FileManager.default.temporaryDirectory.appending(path: "datahub-commands-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    folder = base.resolvingSymlinksInPath()
    for (path, text) in files { try write(path, text) }
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)  // a leftover in the temporary folder hurts nobody
  }

  func write(_ path: String, _ text: String) throws {
    let file = folder.appending(path: path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  /// Moves a file to another place, with permissions of its own, and leaves a symbolic link to it.
  func link(_ path: String, to place: String, permissions: Int) throws {
    let files = FileManager.default
    let (link, file) = (folder.appending(path: path), folder.appending(path: place))
    try files.moveItem(at: link, to: file)
    try files.setAttributes([.posixPermissions: permissions], ofItemAtPath: file.path)
    try files.createSymbolicLink(at: link, withDestinationURL: file)
  }

  /// Whether a path is a symbolic link still, and its file has these permissions.
  func isLinked(_ path: String, to place: String, permissions: Int) throws -> Bool {
    let files = FileManager.default
    let link = try files.attributesOfItem(atPath: folder.appending(path: path).path)
    let file = try files.attributesOfItem(atPath: folder.appending(path: place).path)
    return link[.type] as? FileAttributeType == .typeSymbolicLink && file[.posixPermissions] as? Int == permissions
  }

  /// Runs a command line in this process, with the folder as the current one and nobody at a terminal.
  func call(_ arguments: String...) async -> Call { await callAll(arguments) }

  /// The same with the words as a list.
  func callAll(_ arguments: [String]) async -> Call {
    let output = TextKeeper()
    let messages = TextKeeper()
    let surroundings = Surroundings(
      environment: environment, currentFolder: folder.path, output: output, messages: messages)
    let exit = await runDatahub(arguments, in: surroundings)
    return Call(exit: exit, output: output.text, messages: messages.text)
  }

  /// The same with a text as the input.
  func call(input: String, _ arguments: String...) async -> Call {
    let output = TextKeeper()
    let messages = TextKeeper()
    var surroundings = Surroundings(
      environment: environment, currentFolder: folder.path, output: output, messages: messages)
    surroundings.input = { Array(input.utf8.prefix($0 + 1)) }
    let exit = await runDatahub(arguments, in: surroundings)
    return Call(exit: exit, output: output.text, messages: messages.text)
  }

  /// The same with somebody at a terminal who gives an answer.
  func call(answering answer: String, _ arguments: String...) async -> Call {
    let output = TextKeeper()
    let messages = TextKeeper()
    var surroundings = Surroundings(
      environment: environment, currentFolder: folder.path, output: output, messages: messages)
    surroundings.isInputTerminal = true
    surroundings.isMessageTerminal = true
    surroundings.answer = { answer }
    let exit = await runDatahub(arguments, in: surroundings)
    return Call(exit: exit, output: output.text, messages: messages.text)
  }
}

/// A whole small project: one hub from a shop to an ERP.
let smallProject: [String: String] = [
  "datahub.yaml": """
  apiVersion: datahub/v1
  kind: Project
  metadata: { name: small }
  spec:
    tenant: acme

  """,
  "systems.yaml": """
  apiVersion: datahub/v1
  kind: Platform
  metadata: { name: web }
  spec:
    parameters:
      baseURL: { required: true }
      token: { secret: true }
    baseURL: ${ connector.baseURL }
  ---
  apiVersion: datahub/v1
  kind: StandardAPI
  metadata: { name: web/orders }
  spec:
    platform: web
    effect: query
    request: { method: GET, path: /orders }
    records: ${ response.body.orders }
    record: { key: "${ record.no }" }
  ---
  apiVersion: datahub/v1
  kind: StandardAPI
  metadata: { name: web/save }
  spec:
    platform: web
    effect: execute
    request: { path: /orders, body: "${ document }" }
  ---
  apiVersion: datahub/v1
  kind: Connector
  metadata: { name: shop }
  spec: { platform: web, parameters: { baseURL: "http://127.0.0.1:1" } }

  """,
  "hubs/orders.yaml": """
  apiVersion: datahub/v1
  kind: Hub
  metadata: { name: orders }
  spec:
    source: { connector: shop, api: web/orders }
    mapping:
      code: ${ record.no }
      amount: ${ record.amount }
    target: { connector: shop, api: web/save, delivery: upsert }

  """,
]
