public import Connecting
import Expressions
public import Plans
import Templates
import Values

/// One hub made ready to run: its plan with every expression lowered and both connectors at hand.
///
/// A class, since every task of the hub has it at hand, and nothing in it changes.
public final class Flow: Sendable {
  /// The hub's plan.
  public let plan: HubPlan
  let source: FlowSource
  /// The parents for each of which the source is asked.
  let parents: ParentsProgram?
  let write: WriteProgram
  let delivery: DeliveryProgram
  let grouping: Grouping?
  let writeBack: WriteBack?
  let select: Expression?
  private let selectMarks: (yes: BranchMark, no: BranchMark)?
  /// Records which branches of selection and mapping are taken; only in trials.
  let branches: BranchRecorder?
  private let mapping: Template
  private let hold: Expression?
  let tables: CodeTables

  /// A hub of a plan.
  ///
  /// - Parameters:
  ///   - clients: the plan's connectors, by name.
  ///   - tables: the plan's value mappings.
  public convenience init(
    _ plan: HubPlan, clients: [String: ConnectorClient], tables: CodeTables = CodeTables([])
  ) throws {
    try self.init(plan, clients: clients, tables: tables, branches: nil)
  }

  /// The same, with its branches recorded, each under its path in the mapping, or ``HubTrial/selectPlace``.
  init(
    _ plan: HubPlan, clients: [String: ConnectorClient], tables: CodeTables, branches: BranchRecorder?
  ) throws {
    guard let target = clients[plan.target.connector] else {
      throw RunError(.damagedPlan, "hub '\(plan.name)' has a connector that is not in the plan")
    }
    self.plan = plan
    source = try FlowSource(plan, clients)
    parents = try plan.source.parents.map { parents in
      guard let connector = plan.source.connector.flatMap({ clients[$0] }) else {
        throw RunError(.damagedPlan, "hub '\(plan.name)' has a connector that is not in the plan")
      }
      return try ParentsProgram(parents, connector: connector)
    }
    write = try WriteProgram(api: plan.target.api, connector: target, with: plan.target.with)
    self.branches = branches
    delivery = try DeliveryProgram(plan.target, connector: target)
    grouping = try plan.group.map { try Grouping($0) }
    writeBack = try plan.writeBack.map { try WriteBack($0, clients) }
    let select = try plan.select.map {
      try Expression.marked(
        single: $0, environment: ExpressionScope.record.environment, path: HubTrial.selectPlace, branches,
        ("when true", "when false"))
    }
    self.select = select?.expression
    selectMarks = select?.marks
    hold = try plan.hold.map {
      try Expression(single: $0, environment: ExpressionScope.record.environment, path: "hold")
    }
    self.tables = tables
    mapping = try Flow.mapping(
      plan, branches, value: tables.look,
      record: { hub, _, _, _ in throw EvaluationError(.missingValue, "the plan has no lookup of hub '\(hub)'") })
  }

  private static func mapping(
    _ plan: HubPlan, _ branches: BranchRecorder?, value: @escaping MappingLookups.ValueLookup,
    record: @escaping MappingLookups.RecordLookup
  ) throws -> Template {
    let environment = ExpressionScope.mappingEnvironment(
      MappingLookups(value: value, record: record), fellBack: { branches?.fallBack() })
    return try Template(plan.mapping, environment: environment, branches: branches)
  }

  /// The hub's name.
  public var name: String { plan.name }

  /// The mapping, with what its `find()` is told; one for each round of rendering where it asks at all.
  func mapping(asking found: FoundRecords?) throws -> Template {
    guard let found else { return mapping }
    return try Flow.mapping(plan, branches, value: tables.look, record: found.look)
  }

  /// Whether a record is to be sent.
  func selects(_ record: Value) throws -> Bool {
    guard let flag = try test(select, "select", record) else { return true }
    if let selectMarks { (flag ? selectMarks.yes : selectMarks.no).note() }
    branches?.keep()
    return flag
  }

  /// Whether a record waits for a person before it is sent.
  func holds(_ record: Value) throws -> Bool { try test(hold, "hold", record) ?? false }

  private func test(_ condition: Expression?, _ name: String, _ record: Value) throws -> Bool? {
    guard let condition else { return nil }
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set("record", record)
    let result: Value
    do throws(EvaluationError) {
      result = try condition.evaluate(activation)
    } catch {
      throw RunError(.damagedPlan, "\(name): \(error.message) in ${ \(condition.source) }")
    }
    guard case .bool(let flag) = result else {
      throw RunError(.damagedPlan, "\(name): ${ \(condition.source) } is a \(result.typeName), not true or false")
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
