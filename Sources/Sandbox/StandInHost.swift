import HTTPServer
import Synchronization
import Values

/// What both stand-ins share: the server, the faults and the `/_sandbox/` calls about them.
final class StandInHost: Sendable {
  /// The calls of one stand-in.
  struct Calls: Sendable {
    /// Answers the vendor's calls.
    let vendor: @Sendable (ServerRequest) -> ServerResponse
    /// Answers `/_sandbox/` calls other than those about faults; nil where there is none of that name.
    let control: @Sendable (ServerRequest) -> ServerResponse?
  }

  let gate: FaultGate
  private let calls: Calls
  private let wantedPort: UInt16
  private let server = Mutex<HTTPServer?>(nil)

  init(port: UInt16, gate: FaultGate, calls: Calls) {
    wantedPort = port
    self.gate = gate
    self.calls = calls
  }

  /// The port it listens on; before the start, the one it was told.
  var port: UInt16 { server.withLock { $0?.port } ?? wantedPort }

  /// Starts to listen; a second call does nothing.
  func start() throws(HTTPServerError) {
    try server.withLock { server throws(HTTPServerError) in
      guard server == nil else { return }
      server = try HTTPServer(port: wantedPort) { [gate, calls] request in
        guard request.path.hasPrefix("/_sandbox/") else { return StandInHost.answer(request, calls.vendor, gate) }
        if request.path == "/_sandbox/faults" { return StandInHost.answerFaults(request, gate) }
        return calls.control(request) ?? .json(["error": "there is no such call"], status: 404)
      }
    }
  }

  /// Stops listening and waits for the requests at work.
  func stop() {
    let running = server.withLock { server in
      let running = server
      server = nil
      return running
    }
    running?.stop()
  }

  private static func answer(
    _ request: ServerRequest, _ vendor: (ServerRequest) -> ServerResponse, _ gate: FaultGate
  ) -> ServerResponse {
    let isWrite = request.method != "GET" && !request.path.hasPrefix("/auth/")
    let (verdict, latency) = gate.admit(isWrite: isWrite)
    var response: ServerResponse
    switch verdict {
    case .tooManyRequests:
      response = .json(["code": "429", "message": "too many requests"], status: 429)
      response.headers.append(("Retry-After", "1"))
    case .errorBefore: response = internalError
    case .errorAfter:
      _ = vendor(request)
      response = internalError
    case .dropAfter:
      response = vendor(request)
      response.delivery = .dropConnection
    case .proceed: response = vendor(request)
    }
    response.delay = latency
    return response
  }

  /// The same words whether the work was done or not: a client cannot know either.
  private static let internalError = ServerResponse.json(["code": "500", "message": "internal error"], status: 500)

  private static func answerFaults(_ request: ServerRequest, _ gate: FaultGate) -> ServerResponse {
    guard request.method == "POST" else { return .json(gate.faults.value) }
    do throws(JSONError) {
      var faults = gate.faults
      if let problem = faults.update(from: try Value(jsonBytes: request.body)) {
        return .json(["error": .string(problem)], status: 400)
      }
      gate.faults = faults
      return .json(faults.value)
    } catch {
      return .json(["error": .string(error.description)], status: 400)
    }
  }
}

extension ServerResponse {
  /// An answer whose body is a value as JSON.
  static func json(_ value: Value, status: Int = 200) -> ServerResponse { .json(value.jsonBytes(), status: status) }
}
