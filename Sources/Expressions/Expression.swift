public import Values

/// An expression of the Common Expression Language: parsed, checked and lowered once, evaluated many times, from any thread.
///
/// ```swift
/// let environment = ExpressionEnvironment(variables: ["record"])
/// let expression = try Expression("record.amount > 10.5", environment: environment)
/// var activation = Activation(environment: environment)
/// activation.set("record", record)
/// let value = try expression.evaluate(activation)
/// ```
public struct Expression: Sendable {
  /// All of it in one place: templates and conditions hand expressions around.
  private final class Core: Sendable {
    let source: String
    let type: ExpressionType
    let doubts: [ExpressionIssue]
    let uncheckedRanges: [Range<Int>]
    let program: Program

    init(_ source: String, _ checked: CheckedTree, _ program: Program) {
      self.source = source
      type = checked.type
      doubts = checked.doubts
      uncheckedRanges = checked.uncheckedRanges
      self.program = program
    }
  }

  private let core: Core

  /// The text.
  public var source: String { core.source }
  /// What is known of its value; `dyn` where it may be anything.
  public var type: ExpressionType { core.type }
  /// What goes wrong only with some values, such as those that are null; in the order of their places.
  public var doubts: [ExpressionIssue] { core.doubts }
  /// The parts of which nothing is known, in UTF-8 offsets; none where the whole expression is checked.
  public var uncheckedRanges: [Range<Int>] { core.uncheckedRanges }

  /// Reads and checks an expression.
  ///
  /// - Throws: ``ExpressionIssues`` with every unknown name and everything that never fits, or with the first error of
  ///   syntax.
  public init(_ source: String, environment: ExpressionEnvironment) throws(ExpressionIssues) {
    try self.init(source, environment: environment, mayBeUnknown: false)
  }

  /// Reads and checks an expression whose branches are to be recorded.
  public init(
    _ source: String, environment: ExpressionEnvironment, branches: BranchMarker?
  ) throws(ExpressionIssues) {
    try self.init(source, environment: environment, mayBeUnknown: false, branches: branches)
  }

  /// Reads an expression; one that `mayBeUnknown` fails over an unknown name only when that is evaluated.
  package init(
    _ source: String, environment: ExpressionEnvironment, mayBeUnknown: Bool, branches: BranchMarker? = nil
  ) throws(ExpressionIssues) {
    let compiled = Stack.perform(levels: Parser.levels(of: source)) {
      Result { () throws(ExpressionIssues) in try Expression.compile(source, environment, mayBeUnknown, branches) }
    }
    guard let compiled else { throw ExpressionIssues([ExpressionIssue(Expression.noRoom, at: 0..<source.utf8.count)]) }
    let (checked, program) = try compiled.get()
    core = Core(source, checked, program)
  }

  private static let noRoom = "there is no memory left for as deep an expression"

  private static func compile(
    _ source: String, _ environment: ExpressionEnvironment, _ mayBeUnknown: Bool, _ branches: BranchMarker?
  ) throws(ExpressionIssues) -> (checked: CheckedTree, program: Program) {
    let tree: SyntaxTree
    do throws(ExpressionIssue) {
      tree = try Parser.parse(source)
    } catch {
      throw ExpressionIssues([error])
    }
    let checked = try Checker.check(tree, environment, mayBeUnknown: mayBeUnknown)
    let program = Lowering.lower(checked, branches)
    guard program.valueDepth <= Parser.maximumHeight else {
      throw ExpressionIssues([
        ExpressionIssue(
          "the expression puts lists and maps into each other more than \(Parser.maximumHeight) times",
          at: 0..<source.utf8.count)
      ])
    }
    return (checked, program)
  }

  /// The value for these variables.
  ///
  /// - Throws: ``EvaluationError`` where there is none.
  public func evaluate(_ activation: borrowing Activation) throws(EvaluationError) -> Value {
    if core.program.levels > Stack.freeLevels {
      let activation = copy activation
      return try deeply { () throws(EvaluationError) in try evaluateHere(activation) }
    }
    return try evaluateHere(activation)
  }

  private func evaluateHere(_ activation: borrowing Activation) throws(EvaluationError) -> Value {
    var frame = Frame(activation, locals: core.program.locals)
    do throws(Failure) {
      try frame.charge(core.program.cost)
      let value = try core.program.node.evaluate(&frame)
      if core.program.usesOptionals { return try Optionals.resolved(value, &frame) }
      // Whoever gets the value walks through it.
      if !core.program.isRead { try frame.charge(weightOf: value) }
      return value
    } catch {
      throw activation.showsValues ? error.error : error.error.withoutValues
    }
  }

  /// The truth value for these variables; an error where the value is none.
  public func test(_ activation: borrowing Activation) throws(EvaluationError) -> Bool {
    if core.program.levels > Stack.freeLevels {
      let activation = copy activation
      return try deeply { () throws(EvaluationError) in try testHere(activation) }
    }
    return try testHere(activation)
  }

  private func testHere(_ activation: borrowing Activation) throws(EvaluationError) -> Bool {
    var frame = Frame(activation, locals: core.program.locals)
    do throws(Failure) {
      try frame.charge(core.program.cost)
      return try core.program.node.test(&frame)
    } catch {
      throw activation.showsValues ? error.error : error.error.withoutValues
    }
  }

  private func deeply<Outcome>(
    _ body: () throws(EvaluationError) -> Outcome
  ) throws(EvaluationError) -> Outcome {
    let outcome = Stack.perform(levels: core.program.levels) { Result(catching: body) }
    guard let outcome else { throw EvaluationError(.costExceeded, Expression.noRoom, at: 0..<source.utf8.count) }
    return try outcome.get()
  }

  /// The variables it reads.
  public var variables: Set<String> { core.program.variables }

  /// The fields it reads of its variables, each as the names on the way: `["record", "items"]`; sorted.
  public var fieldPaths: [[String]] { core.program.fieldPaths }

  /// The value, where it is the same whatever the variables are.
  public var constantValue: Value? {
    guard let value = (core.program.node as? ConstantNode)?.value else { return nil }
    var frame = Frame(budget: 100_000, locals: 0)
    do throws(Failure) {
      if core.program.usesOptionals { return try Optionals.resolved(value, &frame) }
      try frame.charge(weightOf: value)
      return value
    } catch {
      // A value too large to walk through is given when the expression is evaluated, or refused there.
      return nil
    }
  }
}
