/// One exchange on its way through the loop: the request, who waits for it, and what has been received.
// Sendable because only the loop's thread touches the mutable part once the transfer has been handed over, and before that
// nobody does.
final class Transfer: @unchecked Sendable {
  typealias Outcome = Result<HTTPResponse, HTTPFailure>

  /// Why the client itself ended the transfer, where libcurl's own code would not say.
  enum Stop {
    case bodyTooLarge, headTooLarge, repetition
  }

  /// How much of a declared length is reserved at once: a server may declare what it never sends.
  private static let maximumReservation = 4 << 20

  let request: HTTPRequest
  let origin: String
  let started: ContinuousClock.Instant
  let deadline: ContinuousClock.Instant

  private var continuation: CheckedContinuation<Outcome, Never>?
  /// The handle it runs on; `nil` while it waits.
  var handle: EasyHandle?
  var isCancelled = false
  private(set) var stop: Stop?
  private(set) var head = ResponseHead()
  private var body: [UInt8] = []
  /// How often libcurl was about to send the request; 0 means that no byte of it left.
  private(set) var sendings = 0

  init(_ request: HTTPRequest) {
    self.request = request
    origin = request.origin
    started = .now
    deadline = started + request.totalTimeout
  }

  var phase: ExchangePhase { sendings == 0 ? .notSent : .maybeSent }

  var isFinished: Bool { continuation == nil }

  /// Names who waits for the outcome.
  func attach(_ continuation: CheckedContinuation<Outcome, Never>) { self.continuation = continuation }

  /// Tells the waiting task how it ended; only the first call counts.
  func finish(_ outcome: Outcome) {
    continuation?.resume(returning: outcome)
    continuation = nil
  }

  /// Gives the response that was received.
  func makeResponse(status: Int, version: String) -> HTTPResponse {
    defer { body = [] }
    return HTTPResponse(
      status: status, headers: head.headers, body: body, duration: .now - started, httpVersion: version)
  }

  // MARK: - Called by libcurl

  /// Returns whether the request may be sent now.
  ///
  /// libcurl sends a request again by itself when a kept-alive connection dies before a response. For a method that changes
  /// something that is a hidden duplicate, so only the first sending is let through.
  func willSend() -> Bool {
    guard sendings == 0 || request.method == "GET" || request.method == "HEAD" else {
      stop = .repetition
      return false
    }
    sendings += 1
    return true
  }

  /// Takes a header line and returns whether to go on.
  func receive(line: UnsafeRawBufferPointer) -> Bool {
    guard head.take(line) else {
      stop = .headTooLarge
      return false
    }
    return true
  }

  /// Takes a piece of the decompressed body and returns whether to go on.
  func receive(piece: UnsafeRawBufferPointer) -> Bool {
    let limit = request.maximumResponseBytes
    if body.isEmpty, let declared = head.declaredLength {
      if !head.isEncoded, declared > limit {
        stop = .bodyTooLarge
        return false
      }
      body.reserveCapacity(max(0, min(declared, limit, Self.maximumReservation)))
    }
    guard piece.count <= limit - body.count else {
      stop = .bodyTooLarge
      return false
    }
    body.append(contentsOf: piece)
    return true
  }
}
