import Foundation
import Testing
import Values

/// nginx with pages of JSON and Kinto, both started for one test and ended by their own pids.
final class ForeignServers {
  let folder: URL
  let nginxPort: UInt16
  let kintoPort: UInt16
  private var processes: [Process] = []

  static let kinto = Program.root.appending(path: ".build/test-tools/venv/bin/kinto").path
  static let nginx = ["/usr/sbin/nginx", "/usr/bin/nginx"].first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Why the servers cannot be had here; nil where they can.
  static var missing: String? {
    if nginx == nil { return "nginx is not installed: run .ci/setup tests" }
    return FileManager.default.isExecutableFile(atPath: kinto) ? nil : "Kinto is not installed: run .ci/setup tests"
  }

  struct NoAnswer: Error {}

  init(pages: [String]) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "datahub-foreign-\(UUID().uuidString)")
    let html = folder.appending(path: "html")
    try FileManager.default.createDirectory(at: html, withIntermediateDirectories: true)
    for (index, page) in pages.enumerated() {
      try page.write(to: html.appending(path: "page-\(index + 1).json"), atomically: true, encoding: .utf8)
    }
    nginxPort = try freePort()
    kintoPort = try freePort()
    try startNginx()
    try startKinto()
  }

  deinit {
    for process in processes {
      // Not SIGTERM: children inherit the signals that the test runner's threads block.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try? FileManager.default.removeItem(at: folder)  // a leftover in the temporary folder hurts nobody
  }

  private func startNginx() throws {
    let configuration = """
      daemon off; master_process off; pid \(folder.path)/nginx.pid; error_log \(folder.path)/nginx.log;
      events { worker_connections 64; }
      http {
        access_log off; types { application/json json; }
        client_body_temp_path \(folder.path)/body; proxy_temp_path \(folder.path)/proxy;
        fastcgi_temp_path \(folder.path)/fastcgi; uwsgi_temp_path \(folder.path)/uwsgi; scgi_temp_path \(folder.path)/scgi;
        server { listen 127.0.0.1:\(nginxPort); root \(folder.path)/html; }
      }
      """
    let file = folder.appending(path: "nginx.conf")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    try start(try #require(Self.nginx), ["-c", file.path, "-p", folder.path])
  }

  private func startKinto() throws {
    let configuration = """
      [app:main]
      use = egg:kinto
      kinto.userid_hmac_secret = only-for-this-test
      kinto.storage_backend = kinto.core.storage.memory
      kinto.cache_backend = kinto.core.cache.memory
      kinto.permission_backend = kinto.core.permission.memory
      kinto.bucket_create_principals = system.Authenticated
      kinto.paginate_by = 10000
      multiauth.policies = basicauth
      multiauth.policy.basicauth.use = kinto.core.authentication.BasicAuthAuthenticationPolicy
      [server:main]
      use = egg:waitress#main
      host = 127.0.0.1
      port = \(kintoPort)
      threads = 8
      [loggers]
      keys = root
      [handlers]
      keys =
      [formatters]
      keys =
      [logger_root]
      level = CRITICAL
      handlers =
      """
    let file = folder.appending(path: "kinto.ini")
    try configuration.write(to: file, atomically: true, encoding: .utf8)
    try start(Self.kinto, ["start", "--ini", file.path])
    try eventually("Kinto answers") { (try? call("GET", "/v1/")) != nil }  // not there yet is why we ask again
    for path in ["/v1/buckets/shop", "/v1/buckets/shop/collections/orders"] { _ = try call("PUT", path) }
  }

  private func start(_ path: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    processes.append(process)
  }

  /// Calls Kinto with the system's curl: the check must not depend on what it checks.
  func call(_ method: String, _ path: String) throws -> Value {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [
      "curl", "-sS", "--fail", "-u", "datahub:s3cret", "-X", method, "http://127.0.0.1:\(kintoPort)\(path)",
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NoAnswer() }
    return try Value(jsonBytes: [UInt8](bytes))
  }
}

@Suite("Servers written by others", .serialized, .timeLimit(.minutes(10)))
struct ForeignServerTests {
  @Test(
    "pages that nginx serves become records in Kinto, each once, also after a run that was killed",
    .enabled(if: ForeignServers.missing == nil, Comment(rawValue: ForeignServers.missing ?? "")))
  func nginxToKinto() throws {
    let rows = try String(
      contentsOf: Program.root.appending(path: "examples/quickstart/data/cdnow-sample.csv"), encoding: .utf8
    ).split(whereSeparator: \.isNewline).dropFirst().prefix(1_000).map { $0.split(separator: ",").map(String.init) }
    let pages = stride(from: 0, to: rows.count, by: 100).map { start in
      let orders = rows[start..<start + 100].map {
        #"{"order_no":"\#($0[0])","customer_id":"\#($0[1])","order_date":"\#($0[2])","units":\#($0[3]),"amount":\#($0[4])}"#
      }
      return #"{"orders":[\#(orders.joined(separator: ","))],"more":\#(start + 100 < rows.count)}"#
    }
    let servers = try ForeignServers(pages: pages)
    let folder = servers.folder.appending(path: "project/examples")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: Program.root.appending(path: "examples/kinto"), to: folder.appending(path: "kinto"))
    try FileManager.default.copyItem(
      at: Program.root.appending(path: "pipelines"), to: servers.folder.appending(path: "project/pipelines"))
    let program = Program(
      folder: folder.appending(path: "kinto"),
      environment: [
        "PAGES_URL": "http://127.0.0.1:\(servers.nginxPort)", "KINTO_URL": "http://127.0.0.1:\(servers.kintoPort)/v1",
        "KINTO_PASSWORD": "s3cret",
      ])
    let applied = try program.run("apply", "--yes")
    try #require(applied.code == 0, "\(applied.messages)")
    let killed = try program.start(["run", "orders"])
    usleep(1_200_000)  // somewhere in the middle
    kill(killed.processIdentifier, SIGKILL)
    killed.waitUntilExit()
    let outcome = try program.run("run", "orders", "--output", "json")
    #expect(outcome.code == 0, "\(outcome.messages)")
    let held =
      try servers.call("GET", "/v1/buckets/shop/collections/orders/records?_limit=2000")["data"]?.listValue ?? []
    #expect(held.count == rows.count)
    let amounts = Dictionary(
      held.map { ($0["id"]?.stringValue ?? "", $0["amount"]?.stringValue ?? "") }, uniquingKeysWith: { $1 })
    for row in rows { #expect(amounts[row[0]] == row[4]) }
  }
}
