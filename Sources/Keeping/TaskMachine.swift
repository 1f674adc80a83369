/// What happens to a queue task.
public enum TaskEvent: String, MachineEvent {
  case claimed, finished, setBack, exhausted, doubted, givenBack, abandoned, stopped
  // A person.
  case cancelled, retried, resolved

  /// What happens, in a sentence.
  public var meaning: String {
    switch self {
    case .claimed: "A worker takes it."
    case .finished: "Its records, or its page, are settled."
    case .setBack: "An attempt failed, and another one is due later."
    case .exhausted: "No further attempt is made: too many failed, or too many workers were gone while they ran it."
    case .doubted: "Its request may or may not have arrived, and may not be sent again by itself."
    case .givenBack: "Its worker is gone, and it may be run again."
    case .abandoned: "Another query of its pull is dead or was cancelled."
    case .stopped: "It was to be cancelled while it ran, and its worker says that nothing was sent."
    case .cancelled: "A person takes it out: `task cancel`."
    case .retried: "A person has it run once more, or at once: `task retry`, `task front`."
    case .resolved: "A person says what became of its request: `task resolve`, `record resolve`."
    }
  }
}

extension TaskState: MachineState {
  /// What may become of a queue task.
  public static let machine = StateMachine<TaskState, TaskEvent>(
    initial: [.ready],
    [
      .init(.claimed, from: [.ready, .retrying], to: .running),
      .init(.finished, from: [.running], to: .done),
      .init(.setBack, from: [.running], to: .retrying),
      .init(.exhausted, from: [.running], to: .dead),
      .init(.doubted, from: [.running], to: .uncertain),
      .init(.givenBack, from: [.running], to: .ready),
      .init(.abandoned, from: [.ready, .retrying], to: .cancelled),
      .init(.stopped, from: [.running], to: .cancelled),
      .init(.cancelled, from: [.ready, .retrying], to: .cancelled),
      .init(.retried, from: [.retrying, .dead, .cancelled], to: .ready),
      .init(.resolved, from: [.uncertain], to: .done),
    ])

  /// What it means, in a sentence.
  public var meaning: String {
    switch self {
    case .ready: "It is to be run."
    case .running: "A worker has it."
    case .done: "It has been run to its end; single records may have failed."
    case .retrying: "An attempt failed, and another one is due."
    case .dead: "No further attempt is made."
    case .cancelled: "A person took it out, or its pull was closed."
    case .uncertain: "Its request may or may not have arrived, and only a person may decide."
    }
  }
}
