/// Where a plan that was proposed for an environment stands.
public enum DeploymentState: Int, Sendable, CaseIterable, Codable {
  case proposed = 0
  case inForce = 1
  case replaced = 2
  case refused = 3

  /// The state's name.
  public var name: String { "\(self)" }
}

/// What happens to a plan that was proposed for an environment.
public enum DeploymentEvent: String, MachineEvent {
  case deployed, outdated, succeeded

  /// What happens, in a sentence.
  public var meaning: String {
    switch self {
    case .deployed:
      "It is kept as the next generation: `apply`, or a rollback, which deploys an old plan as a new generation."
    case .outdated: "Another plan was deployed since it was compared with the one in force."
    case .succeeded: "The next generation is deployed."
    }
  }
}

extension DeploymentState: MachineState {
  /// What may become of a plan that was proposed.
  public static let machine = StateMachine<DeploymentState, DeploymentEvent>(
    initial: [.proposed],
    [
      .init(.deployed, from: [.proposed], to: .inForce),
      .init(.outdated, from: [.proposed], to: .refused),
      .init(.succeeded, from: [.inForce], to: .replaced),
    ])

  /// What it means, in a sentence.
  public var meaning: String {
    switch self {
    case .proposed: "It was compared with the generation in force."
    case .inForce: "Workers run it."
    case .replaced: "A later generation is in force; its plan is kept."
    case .refused: "Nothing was changed: plan again."
    }
  }
}
