import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// What a hub writes back when the target has a record, lowered.
struct WriteBack: Sendable {
  /// What it is kept under that it was done.
  static let name = "write-back"

  let program: WriteProgram
  private let document: Template?

  init(_ plan: WriteBackPlan, _ clients: [String: ConnectorClient]) throws {
    guard let client = clients[plan.connector] else {
      throw RunError(.damagedPlan, "what is written back goes to a connector that is not in the plan")
    }
    program = try WriteProgram(api: plan.call.api, connector: client, with: plan.call.with)
    document = try plan.document.map { try Template($0, environment: ExpressionScope.record.environment) }
  }

  /// The document for a record.
  func document(for record: Value) throws -> Value {
    guard let document else { return record }
    var activation = document.makeActivation()
    activation.set("record", record)
    return try document.evaluate(&activation)
  }
}

extension Flow {
  /// A write that writes back what a record is called at the target; where its request cannot be made, one that says why when it is
  /// run.
  func write(back carried: WritePayload.Carried, of item: WriteItem, id: String?) -> NewWrite {
    let delivered = OutgoingItem.Delivered(revision: item.revision, id: id ?? carried.delivered?.id)
    let unit = WriteUnit(
      items: [item],
      outgoing: OutgoingItem(
        document: carried.back ?? .null, idempotencyKey: carried.idempotencyKey, delivered: delivered))
    var payload: WritePayload
    do {
      guard let writeBack else { throw RunError(.damagedPlan, "the plan writes nothing back any more") }
      payload = WritePayload(request: try writeBack.program.render([unit.outgoing(for: .writeBack)]))
    } catch {
      payload = WritePayload(problem: "\(error)")
    }
    payload.operation = .writeBack
    payload.record = item
    return NewWrite(items: [], payload: payload.bytes, sendsAgain: true)
  }
}

extension WriteExecutor {
  /// Settles a write-back: it carries no record, so that nothing of it fails one.
  func settleBack(_ job: WriteJob, _ end: WriteEnd) async throws -> ClaimedTask? {
    let now = context.now()
    switch end.results.first {
    case .done:
      var settlement = WriteSettlement(
        outcomes: [], phase: end.phase, status: end.status, answer: end.text,
        durationMilliseconds: TimeSpan(end.duration).milliseconds, claim: context.claim(flow, .target), now: now)
      settlement.steps = job.payload.record.map { [DoneStep(item: $0, name: WriteBack.name)] } ?? []
      return try await context.store.settleWrite(job.task.lease, settlement).first
    case .failed(let failure):
      counters.note(failure)
      try await context.store.setBack(job.task.lease, .give, failure, now: now)
    case .again(let failure), .uncertain(let failure):
      let call = CallFailure(kind: .uncertain, message: failure.message)
      let setback = RetryLadder(flow.plan.target).setback(call, attempts: job.task.attempts, now: now, repeatable: true)
      try await context.store.setBack(job.task.lease, setback == .uncertain ? .give : setback, failure, now: now)
    case .goesOn, nil: break
    }
    return nil
  }
}
