import Connecting
import FoundationEssentials
import HTTPClient
import HTTPServer
import Plans
import Synchronization
import Values

/// A folder for one test, gone with the object.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/datahub-connecting-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    // Nothing can be done about a folder that cannot be removed.
    try? FileManager.default.removeItem(atPath: path)
  }

  func write(_ bytes: [UInt8], to name: String, mode: Int = 0o600) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
    return file
  }

  func write(_ text: String, to name: String, mode: Int = 0o600) throws -> String {
    try write(Array(text.utf8), to: name, mode: mode)
  }
}

/// A clock that stands still until it is moved.
final class TestClock: Sendable {
  private let time: Mutex<Timestamp>

  init(seconds: Int64 = 1_790_000_000) { time = Mutex(Timestamp(seconds: seconds)) }

  var now: Timestamp { time.withLock { $0 } }
  var function: @Sendable () -> Timestamp { { self.now } }

  func advance(seconds: Int64) { time.withLock { $0 = $0 + TimeSpan(seconds: seconds) } }
}

/// A server that gives the same answer to all, and keeps what it was asked.
final class FixedServer: Sendable {
  private let server: HTTPServer
  private let box: Requests

  convenience init(_ response: ServerResponse) throws { try self.init { _ in response } }

  init(_ handler: @escaping @Sendable (ServerRequest) -> ServerResponse) throws {
    let box = Requests()
    server = try HTTPServer { request in
      box.list.withLock { $0.append(request) }
      return handler(request)
    }
    self.box = box
  }

  var requests: [ServerRequest] { box.list.withLock { $0 } }
  var address: String { "http://127.0.0.1:\(server.port)" }

  func stop() { server.stop() }

  private final class Requests: Sendable {
    let list = Mutex<[ServerRequest]>([])
  }
}

/// A connector and what it needs, with the clock in hand.
struct Bench {
  let http = HTTPClient()
  let clock = TestClock()

  func client(
    _ plan: ConnectorPlan, environment: [String: String] = [:]
  ) throws(ConnectingError) -> ConnectorClient {
    try ConnectorClient(
      plan: plan, http: http, secrets: SecretResolver(environment: environment, credentialsFolder: nil),
      now: clock.function)
  }

  /// Runs a body and ends the client whatever becomes of it.
  static func with<Result>(_ body: (Bench) async throws -> Result) async throws -> Result {
    let bench = Bench()
    do {
      let result = try await body(bench)
      await bench.http.shutdown()
      return result
    } catch {
      await bench.http.shutdown()
      throw error
    }
  }
}

extension ConnectorPlan {
  /// A connector with as little as there can be.
  static func plain(
    _ baseURL: String = "http://127.0.0.1:9", parameters: [ParameterPlan] = [], request: RequestPlan = RequestPlan(),
    signing: [SigningStep] = [], authentication: AuthenticationPlan = .none, response: ResponsePlan = ResponsePlan(),
    timeoutMilliseconds: Int64 = 10_000, maximumResponseBytes: Int64 = 1 << 20
  ) -> ConnectorPlan {
    ConnectorPlan(
      name: "test", platform: "plain", parameters: parameters, baseURL: baseURL, request: request, signing: signing,
      authentication: authentication, response: response, connectTimeoutMilliseconds: 5_000,
      timeoutMilliseconds: timeoutMilliseconds, maximumResponseBytes: maximumResponseBytes, tls: nil, proxy: nil)
  }
}

extension APIPlan {
  /// A query of one answer.
  static func query(
    method: String = "GET", path: String = "/records", query: [String: Value] = [:], headers: [String: Value] = [:],
    body: Value? = nil, response: ResponsePlan = ResponsePlan(), records: String = "${ response.body.records }",
    key: String = "${ record.id }", number: String? = nil,
    paging: PagingPlan = PagingPlan(kind: .none, start: 1, size: 50, more: nil, next: nil)
  ) -> APIPlan {
    APIPlan(
      name: "test/query", effect: .query, method: method, path: path, query: query, headers: headers, body: body,
      response: response,
      reading: ReadingPlan(records: records, key: key, number: number, window: nil, paging: paging), writing: nil)
  }

  /// A write of single records.
  static func write(
    method: String = "POST", path: String = "/records", query: [String: Value] = [:], headers: [String: Value] = [:],
    body: Value? = "${ document }", response: ResponsePlan = ResponsePlan(),
    writing: WritingPlan = WritingPlan(
      maximumItems: 1, item: nil, honoursIdempotencyKey: false, results: nil, index: nil, success: nil, id: nil,
      message: nil, exists: nil)
  ) -> APIPlan {
    APIPlan(
      name: "test/write", effect: .execute, method: method, path: path, query: query, headers: headers, body: body,
      response: response, reading: nil, writing: writing)
  }
}

extension CallOutcome {
  var failure: CallFailure? { if case .failed(let failure) = self { failure } else { nil } }
  var answer: Answer? { if case .answered(let answer) = self { answer } else { nil } }
}

/// The message of the error a body throws; nil where it throws none.
func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
