/// What happens to a record.
public enum RecordEvent: String, MachineEvent {
  // The source.
  case revised, revisedAndHeld, revisedAndIgnored, revisedAndBroken, deselected, selected
  // Rendering and sending.
  case queued, unqueued, refused, lacking, supplied
  case delivered, rejected, sentBack, doubted
  case overtaken, overtakenAndBroken, overtakenAndDeselected, overtakenAndHeld
  case vanished, vanishedInNumbers, voided
  // A person.
  case retried, sentAnew, held, released, withdrawn, resumed, confirmed, confirmedInPart, confirmedVoided, denied

  /// What happens, in a sentence.
  public var meaning: String {
    switch self {
    case .revised: "The source has a new content, which is to be sent."
    case .revisedAndHeld: "The source has a new content, and the hub wants a person to look at it."
    case .revisedAndIgnored: "The source has a new content, and the hub ignores changes of what was sent."
    case .revisedAndBroken: "The source has a new content that cannot be sent as it is."
    case .deselected: "The hub does not select it, or not any more."
    case .selected: "The hub selects it now."
    case .queued: "It was rendered into a write task."
    case .unqueued: "Its write was void, since another record of it had changed meanwhile."
    case .refused: "It cannot be rendered as it is."
    case .lacking: "It cannot be rendered yet: something may still come."
    case .supplied: "What it waits for is there, or a run tries it once more."
    case .delivered: "The target has it."
    case .rejected: "The target will not take it, or every attempt failed."
    case .sentBack: "Nobody knows whether it arrived, and it may be sent again with the same key."
    case .doubted: "Nobody knows whether it arrived, and only a person may decide."
    case .overtaken: "Its write has ended, and a newer content that came meanwhile is to be sent."
    case .overtakenAndBroken: "Its write has ended, and a newer content that came meanwhile cannot be sent."
    case .overtakenAndDeselected: "Its write has ended, and the newer content is not selected."
    case .overtakenAndHeld: "Its write has ended, and the newer content waits for a person."
    case .vanished: "The source has it no more: it is to be taken back at the target."
    case .vanishedInNumbers: "The source has most of its records no more: a person decides whether they are taken back."
    case .voided: "It was taken back at the target."
    case .retried: "A person had it tried once more: `record retry`."
    case .sentAnew: "A person had it sent although the target has it: `record retry --again`."
    case .held: "A person keeps it from being sent: `record hold`."
    case .released: "A person lets it be sent: `record release`."
    case .withdrawn: "A person cancelled its write: `task cancel`."
    case .resumed: "A person had its write tried once more: `task retry`."
    case .confirmed: "A person says that it arrived: `resolve --arrived`."
    case .confirmedInPart:
      "A person says that it arrived, and a call that follows, or a further document, is to be sent."
    case .confirmedVoided: "A person says that it was taken back at the target."
    case .denied: "A person says that it did not arrive: `resolve --not-arrived`."
    }
  }
}

extension RecordState: MachineState {
  /// What may become of a record.
  public static let machine = StateMachine<RecordState, RecordEvent>(
    initial: [.pending, .filtered, .failed, .held],
    [
      .init(.revised, from: [.pending, .done, .failed, .waiting, .filtered], to: .pending),
      .init(.revisedAndHeld, from: [.done, .failed, .waiting, .pending, .filtered, .held], to: .held),
      .init(.revisedAndIgnored, from: [.done], to: .done),
      .init(.revisedAndBroken, from: [.pending, .done, .failed, .waiting, .filtered], to: .failed),
      .init(.deselected, from: [.pending, .done, .failed, .waiting, .filtered], to: .filtered),
      .init(.selected, from: [.filtered], to: .pending),
      .init(.queued, from: [.pending], to: .queued),
      .init(.unqueued, from: [.queued], to: .pending),
      .init(.refused, from: [.pending], to: .failed),
      .init(.lacking, from: [.pending], to: .waiting),
      .init(.supplied, from: [.waiting], to: .pending),
      .init(.delivered, from: [.queued], to: .done),
      .init(.rejected, from: [.queued], to: .failed),
      .init(.sentBack, from: [.queued], to: .pending),
      .init(.doubted, from: [.queued], to: .uncertain),
      .init(.overtaken, from: [.queued, .uncertain], to: .pending),
      .init(.overtakenAndBroken, from: [.queued, .uncertain], to: .failed),
      .init(.overtakenAndDeselected, from: [.queued, .uncertain], to: .filtered),
      .init(.overtakenAndHeld, from: [.queued, .uncertain], to: .held),
      .init(.vanished, from: [.pending, .done, .failed, .waiting, .filtered], to: .pending),
      .init(.vanishedInNumbers, from: [.pending, .done, .failed, .waiting, .filtered], to: .held),
      .init(.voided, from: [.queued], to: .filtered),
      .init(.retried, from: [.failed, .waiting], to: .pending),
      .init(.sentAnew, from: [.done], to: .pending),
      .init(.held, from: [.pending, .failed, .waiting], to: .held),
      .init(.released, from: [.held], to: .pending),
      .init(.withdrawn, from: [.queued], to: .held),
      .init(.resumed, from: [.failed, .held], to: .queued),
      .init(.confirmed, from: [.uncertain], to: .done),
      .init(.confirmedInPart, from: [.uncertain], to: .pending),
      .init(.confirmedVoided, from: [.uncertain], to: .filtered),
      .init(.denied, from: [.uncertain], to: .pending),
    ])

  /// What it means, in a sentence.
  public var meaning: String {
    switch self {
    case .pending: "It is to be sent."
    case .queued: "It is in a write task."
    case .done: "The target has it."
    case .failed: "It cannot be sent as it is, or the target will not take it; the error says why."
    case .waiting: "Something it needs is missing; it is tried again when that appears, and with each run."
    case .filtered: "The hub does not select it."
    case .held: "A person must release it."
    case .uncertain: "It may or may not have arrived, and only a person may decide."
    }
  }
}
