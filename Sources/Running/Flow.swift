public import Connecting
import Expressions
public import Plans
import Templates
import Values

/// One hub made ready to run: its plan with every expression lowered and both connectors at hand.
public struct Flow: Sendable {
  /// The hub's plan.
  public let plan: HubPlan
  let query: QueryProgram
  let write: WriteProgram
  let select: Expression?
  let mapping: Template

  /// A hub of a plan.
  ///
  /// - Parameter clients: the plan's connectors, by name.
  public init(_ plan: HubPlan, clients: [String: ConnectorClient]) throws {
    guard let source = clients[plan.source.connector], let target = clients[plan.target.connector] else {
      throw RunError(.damagedPlan, "hub '\(plan.name)' has a connector that is not in the plan")
    }
    self.plan = plan
    query = try QueryProgram(api: plan.source.api, connector: source, with: plan.source.with)
    write = try WriteProgram(api: plan.target.api, connector: target, with: plan.target.with)
    select = try plan.select.map {
      try Expression(single: $0, environment: ExpressionScope.record.environment, path: "select")
    }
    mapping = try Template(plan.mapping, environment: ExpressionScope.mapping.environment)
  }

  /// The hub's name.
  public var name: String { plan.name }
}

/// Why a run could not do what was asked.
public struct RunError: Error, Sendable, CustomStringConvertible {
  /// The kinds of failure.
  public enum Code: Sendable {
    /// Nothing is deployed in the environment.
    case nothingDeployed
    /// The plan has no such hub.
    case unknownHub
    /// The plan cannot be run.
    case damagedPlan
  }

  /// The kind.
  public let code: Code
  /// What happened, in words.
  public let description: String

  /// An error of its parts.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
