import HTTPClient
import Plans
import Values

/// The way to one platform: base URL, time-outs, limits, and what answers are read with.
struct Transport: Sendable {
  private let http: HTTPClient
  private let baseURL: String
  private let connectTimeout: Duration
  private let timeout: Duration
  private let maximumBytes: Int
  private let tls: TLSSettings?
  private let proxy: String?
  private let reader: AnswerReader
  let now: @Sendable () -> Timestamp

  init(_ plan: ConnectorPlan, baseURL: String, _ http: HTTPClient, _ now: @escaping @Sendable () -> Timestamp) {
    self.http = http
    self.baseURL = baseURL
    self.now = now
    connectTimeout = .milliseconds(plan.connectTimeoutMilliseconds)
    timeout = .milliseconds(plan.timeoutMilliseconds)
    maximumBytes = Int(clamping: plan.maximumResponseBytes)
    tls = plan.tls.map {
      TLSSettings(certificateAuthorityFile: $0.ca, clientCertificateFile: $0.certificate, clientKeyFile: $0.key)
    }
    proxy = plan.proxy
    reader = AnswerReader(maximumBytes: maximumBytes)
  }

  /// Sends a request once and judges the answer.
  func exchange(_ request: OutgoingRequest, _ rules: ResponseRules, _ mask: SecretMask) async -> CallOutcome {
    let started = ContinuousClock.now
    let sent = HTTPRequest(
      method: request.method, url: baseURL + request.target,
      headers: request.headers.map { HTTPHeader($0.name, $0.value) },
      body: request.encodedBody, connectTimeout: connectTimeout, totalTimeout: timeout,
      maximumResponseBytes: maximumBytes, tls: tls, proxy: proxy)
    do throws(HTTPFailure) {
      return rules.judge(reader.read(try await http.send(sent)), mask: mask, now: now())
    } catch {
      return .failed(Transport.failure(error, mask, duration: ContinuousClock.now - started))
    }
  }

  private static func failure(_ failure: HTTPFailure, _ mask: SecretMask, duration: Duration) -> CallFailure {
    let kind: FailureClass =
      switch (failure.code, failure.phase) {
      case (.invalidRequest, .notSent): .rejected
      case (_, .notSent): .notSent
      case (_, .maybeSent): .uncertain
      }
    let words = kind == .uncertain ? "no usable answer" : kind == .notSent ? "not sent" : "the request cannot be sent"
    return CallFailure(
      kind: kind, message: excerpt(of: "\(words): \(failure.message) (\(failure.code))", limit: 1_000, without: mask),
      duration: duration)
  }

  /// The base URL without a slash at its end.
  ///
  /// - Throws: ``ConnectingError`` where it is not one that paths can be added to.
  static func checked(baseURL text: String) throws(ConnectingError) -> String {
    let scheme = text.hasPrefix("https://") ? "https://" : "http://"
    var url = text[...]
    while url.hasSuffix("/") { url.removeLast() }
    let rest = url.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" }
    let isSound =
      url.hasPrefix(scheme) && !host.isEmpty && !host.contains("@")
      && rest.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 && $0 != 0x5C }
    // It is not shown: it may have been put together from secrets.
    guard isSound else {
      throw ConnectingError(
        .badParameter,
        "baseURL: an address such as https://api.example.com or https://api.example.com/v1 is expected, without a user, "
          + "a query or a fragment")
    }
    return String(url)
  }
}
