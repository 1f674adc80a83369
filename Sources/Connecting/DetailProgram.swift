import Expressions
import Plans
import Templates
public import Values

/// The second call that gives a record of a list whole, lowered.
public struct DetailProgram: Sendable {
  /// What came of the call for one record.
  public enum Outcome: Sendable {
    /// The record, whole.
    case whole(Value)
    /// The platform will not tell it, however often it is asked: the record as the list has it, and why.
    case refused(Value, CallFailure)
  }

  private let connector: ConnectorClient
  private let parameters: Value
  private let plan: DetailPlan
  private let templates: APITemplates
  private let rules: ResponseRules
  private let record: Expression
  private let when: Expression?
  private let name: String

  /// Lowers the call of a query.
  init(
    _ plan: DetailPlan, of api: APIPlan, connector: ConnectorClient, with parameters: Value
  ) throws(ConnectingError) {
    self.plan = plan
    self.connector = connector
    self.parameters = parameters
    name = api.name
    let call = APIPlan(
      name: api.name, effect: .query, method: plan.method, path: plan.path, query: plan.query, headers: plan.headers,
      body: plan.body, response: plan.response, reading: nil, writing: nil)
    templates = try APITemplates(call, connector, with: parameters, in: .detail)
    record = try Expression(plan.record, in: .response, at: "detail.record")
    when = try .optional(plan.when, in: .record, at: "detail.when")
    rules = try ResponseRules(api: plan.response, platform: connector.platformResponse, alsoReads: [record])
  }

  /// Asks for the records of a page, several at a time, and gives them in their order.
  ///
  /// - Parameters:
  ///   - own: the parameters of these calls; nil for the hub's own.
  ///   - asking: called for each call that is made: not for records that are whole already, nor for those left
  ///     after a call that failed.
  /// - Throws: ``CallFailure`` where a call may go well another time: then the page is to be read again.
  public func complete(
    _ records: [Value], with own: Value? = nil, asking: @escaping @Sendable () -> Void = {}
  ) async throws(CallFailure) -> [Outcome] {
    var outcomes = [Outcome?](repeating: nil, count: records.count)
    var failure: CallFailure?
    await withTaskGroup(of: (Int, Result<Outcome, CallFailure>).self) { group in
      var next = 0
      func start() {
        let place = next
        let record = records[place]
        next += 1
        group.addTask { (place, await ask(record, own ?? parameters, asking)) }
      }
      while next < min(plan.concurrency, records.count) { start() }
      while let (place, result) = await group.next() {
        switch result {
        case .success(let outcome): outcomes[place] = outcome
        case .failure(let found): failure = failure ?? found
        }
        if failure == nil, next < records.count { start() }
      }
    }
    if let failure { throw failure }
    return outcomes.compactMap(\.self)
  }

  private func ask(
    _ listed: Value, _ parameters: Value, _ asking: @Sendable () -> Void
  ) async -> Result<Outcome, CallFailure> {
    do {
      if let when {
        var activation = Activation(environment: ExpressionScope.record.environment)
        activation.set("record", listed)
        if try !when.test(activation) { return .success(.whole(listed)) }
      }
      let request = try templates.render([("record", listed), ("with", parameters)])
      asking()
      switch await connector.perform(request, response: rules, with: parameters) {
      case .failed(let failure) where failure.kind == .rejected || failure.kind == .alreadyExists:
        return .success(.refused(listed, failure))
      case .failed(let failure): return .failure(failure)
      case .answered(let answer): return .success(.whole(try whole(answer, listed)))
      }
    } catch let error as EvaluationError {
      return .success(.refused(listed, problem("detail.when: \(when?.explain(error) ?? error.message)")))
    } catch {
      return .success(.refused(listed, problem("\(error)")))
    }
  }

  /// The record in an answer, with what the list told where that is kept.
  private func whole(_ answer: Answer, _ listed: Value) throws(ConnectingError) -> Value {
    var activation = Activation(environment: ExpressionScope.response.environment)
    activation.set("response", answer.response)
    let value: Value
    do throws(EvaluationError) {
      value = try record.evaluate(activation)
    } catch {
      throw ConnectingError(.badAnswer, connector.mask("detail.record: \(record.explain(error))"))
    }
    guard case .map(let fields) = value else {
      throw ConnectingError(.badAnswer, "detail.record: ${ \(record.source) } is a \(value.typeName), not a record")
    }
    guard let into = plan.into else { return value }
    let entries = fields.entries.map { ($0.key, $0.value) }.filter { $0.0 != .string(into) }
    return .map(ValueMap(entries + [(.string(into), listed)]))
  }

  private func problem(_ message: String) -> CallFailure {
    CallFailure(kind: .rejected, message: "API '\(name)': \(message)")
  }
}
