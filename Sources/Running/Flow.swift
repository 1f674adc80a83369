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
  let delivery: DeliveryProgram
  let grouping: Grouping?
  let writeBack: WriteBack?
  let select: Expression?
  let mapping: Template

  /// A hub of a plan.
  ///
  /// - Parameters:
  ///   - clients: the plan's connectors, by name.
  ///   - tables: the plan's value mappings.
  public init(_ plan: HubPlan, clients: [String: ConnectorClient], tables: CodeTables = CodeTables([])) throws {
    guard let source = clients[plan.source.connector], let target = clients[plan.target.connector] else {
      throw RunError(.damagedPlan, "hub '\(plan.name)' has a connector that is not in the plan")
    }
    self.plan = plan
    query = try QueryProgram(api: plan.source.api, connector: source, with: plan.source.with)
    write = try WriteProgram(api: plan.target.api, connector: target, with: plan.target.with)
    delivery = try DeliveryProgram(plan.target, connector: target)
    grouping = try plan.group.map { try Grouping($0) }
    writeBack = try plan.writeBack.map { try WriteBack($0, clients) }
    select = try plan.select.map {
      try Expression(single: $0, environment: ExpressionScope.record.environment, path: "select")
    }
    mapping = try Template(
      plan.mapping,
      environment: ExpressionScope.mappingEnvironment { table, code, isReverse, fallback in
        try tables.look(table, code, isReverse: isReverse, fallback)
      })
  }

  /// The hub's name.
  public var name: String { plan.name }

  /// Whether a record is to be sent.
  func selects(_ record: Value) throws -> Bool {
    guard let select else { return true }
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set("record", record)
    let result: Value
    do throws(EvaluationError) {
      result = try select.evaluate(activation)
    } catch {
      throw RunError(.damagedPlan, "select: \(error.message) in ${ \(select.source) }")
    }
    guard case .bool(let flag) = result else {
      throw RunError(.damagedPlan, "select: ${ \(select.source) } is a \(result.typeName), not true or false")
    }
    return flag
  }
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
