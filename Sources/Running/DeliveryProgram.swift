import Connecting
import Keeping
import Plans
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
  }

  /// The follow-up of a name; nil where the plan has none by now.
  func followUp(_ name: String) -> FollowUp? { followUps.first { $0.name == name } }

  /// What follows an operation that succeeded.
  func next(after operation: WriteOperation) -> FollowUp? {
    switch operation {
    case .write: return followUps.first
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
    }
  }

  /// What is to be done for a pending record: where the target has it as it is, the first follow-up call that is left.
  func operation(for record: PendingRecord, done: [DoneStep]) -> WriteOperation {
    guard record.delivered?.revision == record.revision else { return .write }
    let left = delivery.followUps.first { step in !done.contains { $0.name == step.name } }
    return left.map { .followUp($0.name) } ?? .write
  }

  /// Whether an operation of unknown outcome may be carried out again.
  func sendsAgain(_ operation: WriteOperation) -> Bool {
    switch operation {
    case .write: plan.target.delivery.sendsAgain
    case .followUp(let name): delivery.followUp(name)?.isRepeatable ?? false
    }
  }

  /// How many documents go into one request of an operation.
  func batch(of operation: WriteOperation) -> Int {
    switch operation {
    case .write: plan.target.batch
    case .followUp: program(for: operation)?.maximumItems ?? 1
    }
  }
}
