import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// What a hub's target does beside plain writes, lowered.
struct DeliveryProgram: Sendable {
  /// A call that follows a write.
  struct FollowUp: Sendable {
    let name: String
    let program: WriteProgram
    let isRepeatable: Bool
  }

  /// How records are looked up before they are sent again; nil where they are not.
  let lookup: LookupProgram?
  /// The calls that follow a write, in order.
  let followUps: [FollowUp]
  /// The call that changes what the target has; nil where it is written as any other.
  let update: WriteProgram?
  /// The call that takes a record back; nil where there is none.
  let void: WriteProgram?
  /// Which records are taken back; nil for those that are not selected.
  private let isVoid: Expression?

  init(_ plan: TargetPlan, connector: ConnectorClient) throws(ConnectingError) {
    lookup = try plan.lookup.map { lookup throws(ConnectingError) in
      try LookupProgram(lookup, connector: connector, with: plan.with)
    }
    followUps = try (plan.followUps ?? []).map { step throws(ConnectingError) in
      FollowUp(
        name: step.name,
        program: try WriteProgram(api: step.call.api, connector: connector, with: step.call.with),
        isRepeatable: step.isRepeatable)
    }
    update = try plan.update.map { call throws(ConnectingError) in
      try WriteProgram(api: call.api, connector: connector, with: call.with)
    }
    void = try plan.void.map { void throws(ConnectingError) in
      try WriteProgram(api: void.call.api, connector: connector, with: void.call.with)
    }
    do throws(TemplateIssue) {
      isVoid = try plan.void?.when.map { text throws(TemplateIssue) in
        try Expression(single: text, environment: ExpressionScope.record.environment, path: "void.when")
      }
    } catch {
      throw ConnectingError(.badTemplate, error.description)
    }
  }

  /// Whether a record is to be taken back, where the target has it; nil where the hub's selection says so.
  func takesBack(_ record: Value) throws -> Bool? {
    guard let isVoid else { return nil }
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set("record", record)
    let result: Value
    do throws(EvaluationError) {
      result = try isVoid.evaluate(activation)
    } catch {
      throw RunError(.damagedPlan, "void.when: \(error.message) in ${ \(isVoid.source) }")
    }
    guard case .bool(let flag) = result else {
      throw RunError(.damagedPlan, "void.when: ${ \(isVoid.source) } is a \(result.typeName), not true or false")
    }
    return flag
  }

  /// The follow-up of a name; nil where the plan has none by now.
  func followUp(_ name: String) -> FollowUp? { followUps.first { $0.name == name } }

  /// What follows an operation that succeeded.
  func next(after operation: WriteOperation) -> FollowUp? {
    switch operation {
    case .write, .update: return followUps.first
    case .void, .writeBack: return nil
    case .followUp(let name):
      // One that the plan has no more is followed by nothing: what stands behind it cannot be told.
      guard let place = followUps.firstIndex(where: { $0.name == name }) else { return nil }
      return followUps.dropFirst(place + 1).first
    }
  }
}

extension Flow {
  /// The program that makes an operation's requests and reads its answers; nil where the plan has none by now.
  func program(for operation: WriteOperation) -> WriteProgram? {
    switch operation {
    case .write: write
    case .followUp(let name): delivery.followUp(name)?.program
    case .update: delivery.update
    case .void: delivery.void
    case .writeBack: writeBack?.program
    }
  }

  /// What is to be done for a pending record: where the target has it as it is, the first follow-up call that is left.
  func operation(for record: PendingRecord, done: [DoneStep]) -> WriteOperation {
    guard let delivered = record.delivered else { return .write }
    if delivered.revision == record.revision,
      let left = self.delivery.followUps.first(where: { step in !done.contains { $0.name == step.name } })
    {
      return .followUp(left.name)
    }
    return self.delivery.update == nil ? .write : .update
  }

  /// Whether an operation of unknown outcome may be carried out again.
  func sendsAgain(_ operation: WriteOperation) -> Bool {
    switch operation {
    case .write, .update, .void: plan.target.delivery.sendsAgain
    case .followUp(let name): delivery.followUp(name)?.isRepeatable ?? false
    case .writeBack: true
    }
  }

  /// How many documents go into one request of an operation.
  func batch(of operation: WriteOperation) -> Int {
    switch operation {
    case .write: plan.target.batch
    case .update, .void: min(plan.target.batch, program(for: operation)?.maximumItems ?? 1)
    case .followUp: program(for: operation)?.maximumItems ?? 1
    case .writeBack: 1
    }
  }

  /// What a record of the source is to the hub: to be sent, not selected, or to be taken back where the target has it.
  func judge(_ record: Value) throws -> (isSelected: Bool, isTakenBack: Bool) {
    let isSelected = try selects(record)
    if delivery.void == nil { return (isSelected, false) }
    let isTakenBack = try delivery.takesBack(record) ?? !isSelected
    return (isSelected && !isTakenBack, isTakenBack)
  }
}
