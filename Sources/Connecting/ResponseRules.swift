import Expressions
import Plans
import Templates
import Values

/// How the answers to a call are judged: the API's rules first, then its platform's, then what the status says.
///
/// | what | is |
/// |---|---|
/// | the first error rule that is true | the kind the rule names |
/// | `success` is true; without `success`, a 2xx status | answered |
/// | 401 | unauthenticated |
/// | 429, or 503 with `Retry-After` | rate limited |
/// | 408, 425, 5xx | uncertain |
/// | any other status, and a 2xx whose `success` is false | rejected |
/// | a 2xx whose expressions cannot be evaluated, or that is not the JSON they want | uncertain |
public struct ResponseRules: Sendable {
  private struct Rule: Sendable {
    let when: Expression
    let outcome: FailureClass
    let wait: Expression?
  }

  fileprivate static let environment = ExpressionScope.response.environment

  private let rules: [Rule]
  private let success: Expression?
  private let message: Expression?
  /// True where an expression reads `response.body`: an answer must be JSON then.
  private let readsBody: Bool
  /// True where an expression reads `response.text`: an answer may be something else then.
  private let readsText: Bool

  /// The rules of an API over those of its platform.
  ///
  /// - Parameter alsoReads: further expressions that read the answer, such as the one for its records.
  init(api: ResponsePlan, platform: ResponsePlan, alsoReads: [Expression] = []) throws(ConnectingError) {
    var rules: [Rule] = []
    for (index, rule) in (api.errors + platform.errors).enumerated() {
      let place = "response.errors[\(index < api.errors.count ? index : index - api.errors.count)]"
      rules.append(
        Rule(
          when: try Expression(rule.when, in: .response, at: "\(place).when"), outcome: rule.outcome,
          wait: try .optional(rule.wait, in: .response, at: "\(place).wait")))
    }
    self.rules = rules
    success = try .optional(api.success ?? platform.success, in: .response, at: "response.success")
    message = try .optional(api.message ?? platform.message, in: .response, at: "response.message")
    let paths = ([success].compactMap { $0 } + alsoReads).flatMap(\.fieldPaths)
    readsBody = paths.contains { $0.count < 2 || $0[1] == "body" }
    readsText = (paths + rules.flatMap(\.when.fieldPaths)).contains { $0.count > 1 && $0[1] == "text" }
  }

  /// Judges an answer.
  func judge(_ received: ReceivedAnswer, mask: SecretMask, now: Timestamp) -> CallOutcome {
    let judging = Judging(received: received, mask: mask, now: now, message: message)
    var problem: String?
    for rule in rules {
      do throws(EvaluationError) {
        if try rule.when.test(judging.activation) {
          return .failed(judging.failure(rule.outcome, wait: judging.wait(rule.wait)))
        }
      } catch {
        // A rule that cannot be asked of this answer does not apply to it; it matters only if nothing else does.
        problem = problem ?? rule.when.explain(error)
      }
    }
    if let unfit = unfit(received) { return judging.unreadable(unfit) }
    do throws(EvaluationError) {
      let isSuccess = try success?.test(judging.activation) ?? received.isSuccessStatus
      if isSuccess { return .answered(received.answer) }
    } catch {
      problem = success?.explain(error) ?? problem
    }
    if received.isSuccessStatus, let problem { return judging.unreadable("the answer is not as expected: \(problem)") }
    return judging.outcomeByStatus
  }

  /// Why the rules cannot be asked of an answer; nil where they can.
  private func unfit(_ received: ReceivedAnswer) -> String? {
    if readsText { return nil }
    switch received.content {
    case .json: return nil
    case .empty: return readsBody ? "an empty answer instead of JSON" : nil
    // A proxy's page must not pass for an answer, even where any 2xx is good enough.
    case .html: return "HTML instead of JSON"
    case .text(let problem?): return "the answer is not JSON, or only a part of it: \(problem)"
    case .text: return readsBody ? "text instead of JSON" : nil
    }
  }
}

/// One answer on its way to an outcome.
private struct Judging {
  let received: ReceivedAnswer
  let mask: SecretMask
  let now: Timestamp
  let message: Expression?
  let activation: Activation

  init(received: ReceivedAnswer, mask: SecretMask, now: Timestamp, message: Expression?) {
    self.received = received
    self.mask = mask
    self.now = now
    self.message = message
    var activation = Activation(environment: ResponseRules.environment)
    activation.set(slot: 0, received.response)
    self.activation = activation
  }

  /// What the status alone says about an answer that is not a success.
  var outcomeByStatus: CallOutcome {
    let kind: FailureClass =
      switch received.status {
      case 401: .unauthenticated
      case 429: .rateLimited
      case 503 where received.retryAfter != nil: .rateLimited
      case 408, 425, 500...: .uncertain
      default: .rejected
      }
    return .failed(failure(kind, wait: nil))
  }

  /// The outcome of an answer that cannot be read: of a 2xx nobody knows what it means.
  func unreadable(_ problem: String) -> CallOutcome {
    guard received.isSuccessStatus else { return outcomeByStatus }
    let start = bodyStart
    let words = problem + (start.isEmpty ? "" : "; it begins: \(start)")
    return .failed(make(.uncertain, "\(words) (HTTP \(received.status))", wait: nil))
  }

  func wait(_ expression: Expression?) -> TimeSpan? {
    // A wait that cannot be read is none: the worker has its own.
    guard let expression, let value = try? expression.evaluate(activation) else { return nil }
    return RetryAfter.span(value)
  }

  func failure(_ kind: FailureClass, wait: TimeSpan?) -> CallFailure {
    make(kind, words, wait: wait)
  }

  private func make(_ kind: FailureClass, _ words: String, wait: TimeSpan?) -> CallFailure {
    CallFailure(
      kind: kind, message: excerpt(of: words, limit: 1_000, without: mask), status: received.status,
      retryAfter: wait ?? received.retryAfter.flatMap { RetryAfter.span($0, now: now) },
      answerText: received.body.isEmpty
        ? nil : kept(received.body, limit: CallFailure.maximumAnswerText, without: mask),
      duration: received.duration)
  }

  private var bodyStart: String {
    excerpt(of: String(decoding: received.body.prefix(1_000 + mask.longest), as: UTF8.self), limit: 200, without: mask)
  }

  /// The platform's own words, else what there is.
  private var words: String {
    let status = "HTTP \(received.status)"
    // Where the words are not to be had, the beginning of the answer has to do.
    if let message, let value = try? message.evaluate(activation) {
      let text = value.interpolatedText ?? (value.isNull ? "" : value.json())
      if !text.isEmpty { return received.isSuccessStatus ? text : "\(text) (\(status))" }
    }
    if (300..<400).contains(received.status) { return "\(status): the platform redirects, which is not followed" }
    let start = bodyStart
    let what = received.isSuccessStatus ? "the platform did not report success (\(status))" : status
    return start.isEmpty ? what : "\(what): \(start)"
  }
}
