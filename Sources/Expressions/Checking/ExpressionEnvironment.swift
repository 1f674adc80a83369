public import Values

/// What an expression may name: variables and functions.
///
/// Environments are values: adding to one gives another, whose variables keep the slots they had.
public struct ExpressionEnvironment: Sendable {
  /// The declared variables, in the order of their slots; a name may have dots, as `request.time`.
  public private(set) var variables: [String] = []
  /// The name space that names are looked up in before the names as they stand (CEL specification, "Name Resolution").
  public let container: String
  private(set) var slots: [String: Int] = [:]
  /// What is known of the variables; those that are not named here may be anything.
  private(set) var types: [String: ExpressionType] = [:]
  /// What calls of functions with a text for their first argument give, by the function's name.
  private(set) var resultTypes: [String: @Sendable (String) -> ExpressionType?] = [:]
  private(set) var functions: FunctionTable
  /// How many parts between dots a name has at most, of a variable, a type or a function.
  private(set) var longestName = ExpressionEnvironment.longestStandardName

  /// The functions of the language and of this program, and no variable.
  public static let standard = ExpressionEnvironment()

  /// An environment of variables, with all standard functions.
  public init(variables: [String] = [], container: String = "") {
    self.container = container
    functions = .standard
    append(variables)
  }

  /// This environment and more variables.
  public func adding(variables: [String]) -> ExpressionEnvironment {
    var copy = self
    copy.append(variables)
    return copy
  }

  /// This environment with what is known of variables, by their names; those it does not have are added.
  public func adding(types: [String: ExpressionType]) -> ExpressionEnvironment {
    var copy = self
    copy.append(types.keys.sorted())
    copy.types.merge(types) { $1 }
    return copy
  }

  /// This environment with what calls of a function give, where their first argument is a text written out.
  ///
  /// A function that looks something up by name so has the type of what it finds: `value("customers", code)`.
  public func adding(
    resultTypesOf function: String, _ type: @escaping @Sendable (String) -> ExpressionType?
  ) -> ExpressionEnvironment {
    var copy = self
    copy.resultTypes[function] = type
    return copy
  }

  /// This environment with what is known of its variables where a condition holds: in `has(record.a)` the field is there.
  ///
  /// - Parameters:
  ///   - condition: the text of an expression; one that cannot be read changes nothing.
  ///   - truth: whether the condition is true, or false.
  public func refined(by condition: String, is truth: Bool = true) -> ExpressionEnvironment {
    // What cannot be read is reported where it is compiled.
    let facts = Stack.perform(levels: Parser.levels(of: condition)) {
      (try? Parser.parse(condition)).map { tree in
        var checker = Checker(tree, self)
        checker.visit(tree.root)
        return Facts(of: tree.root, is: truth, in: checker)
      }
    }
    guard let facts = facts ?? nil, !facts.isEmpty else { return self }
    var copy = self
    for (name, type) in types { copy.types[name] = facts.refined(type, at: facts.paths.variable(name)) }
    return copy
  }

  /// What is known of a variable; `dyn` where nothing is.
  public func type(of variable: String) -> ExpressionType { types[variable] ?? .dyn }

  /// This environment and one more function of the program around it.
  ///
  /// The function is called as `name(...)`. What it throws becomes an ``EvaluationError`` at the place of the call: one
  /// that is thrown keeps its kind, message and help. A function is called at each evaluation, unless it `isPure`: then a
  /// call with constant arguments is worked out once.
  public func adding(
    function name: String, arity: ClosedRange<Int>, isPure: Bool = false, signatures: [String] = [],
    summary: String = "", example: String = "", _ body: @escaping @Sendable ([Value]) throws -> Value
  ) -> ExpressionEnvironment {
    var copy = self
    copy.longestName = max(longestName, ExpressionEnvironment.parts(of: name))
    copy.functions.add(
      Function(
        name, .global, arity: arity, isPure: isPure, signatures, summary, example: example, .host(body)))
    return copy
  }

  /// The place of a variable's value in an ``Activation``.
  public func slot(of variable: String) -> Int? { slots[variable] }

  /// What there is to call, by name, for documentation and completion.
  public var functionDescriptions: [FunctionDescription] {
    functions.all.filter(\.isCallable).map(\.description)
  }

  private mutating func append(_ names: [String]) {
    for name in names where slots[name] == nil {
      slots[name] = variables.count
      variables.append(name)
      longestName = max(longestName, ExpressionEnvironment.parts(of: name))
    }
  }

  private static func parts(of name: String) -> Int { 1 + name.utf8.count { $0 == 0x2E } }

  private static let longestStandardName =
    (FunctionTable.standard.all.map(\.name) + Checker.typeNames).map(parts).max() ?? 1

  /// What a name may mean in this container, the innermost name space first.
  func candidates(for name: String, isAbsolute: Bool) -> [String] {
    if isAbsolute || container.isEmpty { return [name] }
    var spaces = container.split(separator: ".")
    var candidates: [String] = []
    while !spaces.isEmpty {
      candidates.append(spaces.joined(separator: ".") + "." + name)
      spaces.removeLast()
    }
    return candidates + [name]
  }
}
