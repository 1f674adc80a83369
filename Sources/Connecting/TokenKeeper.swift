import Expressions
import Plans
import Synchronization
import Templates
import Values

/// A token, as it is put into requests.
struct Token: Sendable {
  let credentials: Credentials
  /// When it is to be replaced: somewhat before its end.
  let renewal: Timestamp
  /// The connector's secrets and the token itself.
  let mask: SecretMask
  /// Tells one token from the next.
  let serial: Int
}

/// Gets tokens and keeps the last one for as long as it is good.
///
/// However many callers need a token, one of them asks for it and the others wait for what it gets.
final class TokenKeeper: Sendable {
  private enum Turn {
    case use(Token)
    case ask(serial: Int)
    case wait
  }

  /// What the others are told; nil where the caller that asked was cancelled, and another has to.
  private typealias News = Result<Token, CallFailure>?

  private struct State {
    var token: Token?
    var serial = 0
    var isAsking = false
    var waiting: [CheckedContinuation<News, Never>] = []
  }

  private let login: TokenLogin
  private let state = Mutex(State())

  init(_ login: TokenLogin) { self.login = login }

  /// The last token there was, for taking it out of texts.
  var lastMask: SecretMask? { state.withLock { $0.token?.mask } }

  /// A token that is good.
  ///
  /// - Parameter refused: the serial number of one that the platform no longer takes.
  func token(insteadOf refused: Int? = nil) async throws(CallFailure) -> Token {
    while true {
      if Task.isCancelled { throw CallFailure(kind: .notSent, message: "not sent: cancelled") }
      switch takeTurn(refused) {
      case .use(let token): return token
      case .ask(let serial): return try await ask(serial)
      case .wait:
        let news = await withCheckedContinuation { wait($0) }
        if let news { return try news.get() }
      }
    }
  }

  private func takeTurn(_ refused: Int?) -> Turn {
    let now = login.now()
    return state.withLock { state in
      if let token = state.token, token.serial != refused, token.renewal > now { return .use(token) }
      if state.isAsking { return .wait }
      state.isAsking = true
      state.serial += 1
      return .ask(serial: state.serial)
    }
  }

  private func ask(_ serial: Int) async throws(CallFailure) -> Token {
    let result = await login.token(serial: serial)
    // One caller's cancellation is not the others' failure.
    let isMine = Task.isCancelled
    let waiting = state.withLock { state in
      state.isAsking = false
      if case .success(let token) = result { state.token = token }
      let waiting = state.waiting
      state.waiting = []
      return waiting
    }
    var news: News = result
    if case .failure = result, isMine { news = nil }
    for continuation in waiting { continuation.resume(returning: news) }
    return try result.get()
  }

  private func wait(_ continuation: CheckedContinuation<News, Never>) {
    let isOver = state.withLock { state in
      // The one that asked may have got its answer in between.
      if !state.isAsking { return true }
      state.waiting.append(continuation)
      return false
    }
    if isOver { continuation.resume(returning: nil) }
  }
}

/// The request that a platform hands out a token for.
struct TokenLogin: Sendable {
  /// For how long a token may be kept at most, whatever its answer says.
  private static let longest: Int64 = 366 * 86_400

  private let plan: TokenPlan
  private let body: Template?
  private let prepared: Activation?
  private let token: Expression
  private let expiresIn: Expression?
  private let headers: FieldTemplates
  private let query: FieldTemplates
  private let rules: ResponseRules
  private let builder: RequestBuilder
  private let transport: Transport
  private let secrets: [String]
  private let mask: SecretMask

  var now: @Sendable () -> Timestamp { transport.now }

  init(
    _ plan: TokenPlan, of connector: ConnectorPlan, _ parameters: ConnectorParameters, _ builder: RequestBuilder,
    _ transport: Transport
  ) throws(ConnectingError) {
    self.plan = plan
    self.builder = builder
    self.transport = transport
    secrets = parameters.secretTexts
    mask = SecretMask(secrets)
    body = try plan.body.map { tree throws(ConnectingError) in
      try Template(tree, in: .tokenRequest, at: "authentication.request.body")
    }
    var activation = body?.makeActivation()
    activation?.set("connector", parameters.all)
    prepared = activation
    token = try Expression(plan.token, in: .response, at: "authentication.token")
    expiresIn = try .optional(plan.expiresIn, in: .response, at: "authentication.expiresIn")
    headers = try FieldTemplates(plan.headers, .header, in: .token, at: "authentication.headers")
    query = try FieldTemplates(plan.query, .query, in: .token, at: "authentication.query")
    // The platform's rule of success is about its calls; a login has its own.
    var platform = connector.response
    platform.success = nil
    rules = try ResponseRules(
      api: ResponsePlan(success: plan.success), platform: platform, alsoReads: [token])
  }

  /// Asks for a token; a failure says what it means for the call that needs one.
  func token(serial: Int) async -> Result<Token, CallFailure> {
    let started = now()
    let request: OutgoingRequest
    do throws(ConnectingError) {
      request = try builder.build(tokenRequest: plan.method, path: plan.path, body: try renderBody(started))
    } catch {
      return .failure(CallFailure(kind: .notSent, message: mask.mask("not sent: the login: \(error)")))
    }
    switch await transport.exchange(request, rules, mask) {
    case .failed(let failure): return .failure(TokenLogin.failure(of: failure))
    case .answered(let answer):
      do throws(ConnectingError) {
        return .success(try read(answer, started, serial))
      } catch {
        return .failure(
          CallFailure(
            kind: .notSent, message: mask.mask("not sent: the answer to the login: \(error)"), status: answer.status,
            duration: answer.duration))
      }
    }
  }

  private func renderBody(_ now: Timestamp) throws(ConnectingError) -> Value? {
    guard let body, var activation = prepared else { return nil }
    activation.set("now", .timestamp(now))
    do throws(TemplateError) {
      return try body.evaluate(&activation)
    } catch {
      throw ConnectingError(.badRequest, "body: \(error)")
    }
  }

  private func read(_ answer: Answer, _ started: Timestamp, _ serial: Int) throws(ConnectingError) -> Token {
    guard let text = try evaluate(token, answer).interpolatedText, !text.isEmpty else {
      throw ConnectingError(.badAnswer, "${ \(token.source) } is no text: there is no token in it")
    }
    var seconds = plan.lifetimeMilliseconds / 1_000
    if let expiresIn {
      guard let span = RetryAfter.seconds(try evaluate(expiresIn, answer)), span > 0 else {
        throw ConnectingError(.badAnswer, "${ \(expiresIn.source) } is not a number of seconds above 0")
      }
      seconds = min(span, TokenLogin.longest)
    }
    var activation = headers.makeActivation()
    activation.set("token", .string(text))
    var credentials = Credentials()
    try headers.render(&activation) { credentials.headers.append(NamedText($0, $1)) }
    try query.render(&activation) { credentials.query.append(NamedText($0, $1)) }
    return Token(
      credentials: credentials, renewal: started + TokenLogin.use(of: seconds), mask: SecretMask(secrets + [text]),
      serial: serial)
  }

  /// For how long a token is used: nine tenths of its life, and not in its last ten seconds unless it has hardly more.
  static func use(of seconds: Int64) -> TimeSpan {
    let life = seconds * 1_000
    return TimeSpan(milliseconds: min(life / 10 * 9, max(life - 10_000, life / 2)))
  }

  private func evaluate(_ expression: Expression, _ answer: Answer) throws(ConnectingError) -> Value {
    var activation = Activation(environment: ExpressionScope.response.environment)
    activation.set(slot: 0, answer.response)
    do throws(EvaluationError) {
      return try expression.evaluate(activation)
    } catch {
      throw ConnectingError(.badAnswer, expression.explain(error))
    }
  }

  /// What a login that failed means for a call that was not even made.
  private static func failure(of login: CallFailure) -> CallFailure {
    let kind: FailureClass =
      switch login.kind {
      case .rateLimited: .rateLimited
      case .notSent, .uncertain: .notSent
      case .unauthenticated, .rejected, .alreadyExists: .unauthenticated
      }
    let words = kind == .unauthenticated ? "the login was refused" : "not sent, as the login failed"
    return CallFailure(
      kind: kind, message: "\(words): \(login.message)", status: login.status, retryAfter: login.retryAfter,
      answerText: login.answerText, duration: login.duration)
  }
}
