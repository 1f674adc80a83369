import Values

/// A function as its documentation describes it.
public struct FunctionDescription: Sendable, Hashable {
  /// The name, with its name space: `size`, `base64.encode`.
  public let name: String
  /// The ways to call it, with types: `string.charAt(int) -> string`.
  public let signatures: [String]
  /// What it gives, in one sentence.
  public let summary: String
  /// An expression that uses it.
  public let example: String
}

/// A function an expression can call.
struct Function: Sendable {
  /// How it is called.
  enum Form: Sendable {
    /// `f(x, y)`.
    case global
    /// `x.f(y)`.
    case member
    /// Either.
    case both
  }

  enum Body: Sendable {
    case one(@Sendable (Value, inout Frame) throws(Failure) -> Value)
    case two(@Sendable (Value, Value, inout Frame) throws(Failure) -> Value)
    case many(@Sendable ([Value], inout Frame) throws(Failure) -> Value)
    /// A function of the program around the expressions.
    case host(@Sendable ([Value]) throws -> Value)
  }

  let name: String
  let form: Form
  /// How many arguments it takes, the target of a member call included.
  let arity: ClosedRange<Int>
  /// False where two calls with the same arguments may differ; such a call is never worked out ahead.
  let isPure: Bool
  let signatures: [String]
  let summary: String
  let example: String
  let body: Body
  /// Whether its signatures speak of optionals.
  let hasOptionals: Bool
  /// The ways to call it, as its signatures tell them.
  let overloads: [Overload]
  /// The arguments that are texts of a form, by their places; one written out is checked before anything is evaluated.
  private(set) var textForms: [Int: TextForm] = [:]

  init(
    _ name: String, _ form: Form, arity: ClosedRange<Int>, isPure: Bool = true, _ signatures: [String],
    _ summary: String, example: String, _ body: Body
  ) {
    self.name = name
    self.form = form
    self.arity = arity
    self.isPure = isPure
    self.signatures = signatures
    self.summary = summary
    self.example = example
    self.body = body
    hasOptionals = signatures.contains { $0.contains("optional_type(") }
    overloads = signatures.compactMap { Overload($0, name: name) }
  }

  /// A function of one argument.
  init(
    _ name: String, _ form: Form, _ signatures: [String], _ summary: String, example: String,
    one body: @escaping @Sendable (Value, inout Frame) throws(Failure) -> Value
  ) {
    self.init(name, form, arity: 1...1, signatures, summary, example: example, .one(body))
  }

  /// A function of two arguments.
  init(
    _ name: String, _ form: Form, _ signatures: [String], _ summary: String, example: String,
    two body: @escaping @Sendable (Value, Value, inout Frame) throws(Failure) -> Value
  ) {
    self.init(name, form, arity: 2...2, signatures, summary, example: example, .two(body))
  }

  /// A function of several numbers of arguments.
  init(
    _ name: String, _ form: Form, arity: ClosedRange<Int>, _ signatures: [String], _ summary: String,
    example: String, many body: @escaping @Sendable ([Value], inout Frame) throws(Failure) -> Value
  ) {
    self.init(name, form, arity: arity, signatures, summary, example: example, .many(body))
  }

  /// The function with the form of an argument that is a text.
  func taking(_ form: TextForm, at place: Int) -> Function {
    var copy = self
    copy.textForms[place] = form
    return copy
  }

  /// Whether it takes or gives optionals or network addresses.
  var handlesOpaque: Bool { hasOptionals || Functions.networkNames.contains(name) }

  /// False where an optional among its arguments would be taken for the map it is made of.
  ///
  /// A function of the program around gets what an optional holds, or null.
  var takesOptionals: Bool {
    if case .host = body { return true }
    return handlesOpaque || !isCallable || Function.takingAnything.contains(name)
  }

  private static let takingAnything: Set<String> = ["type", "dyn", "string"]

  /// False for what only the parser can name, as what `a.?b` stands for.
  var isCallable: Bool { name.first?.isLetter ?? false }

  var description: FunctionDescription {
    FunctionDescription(name: name, signatures: signatures, summary: summary, example: example)
  }
}

/// The functions by the way they are called and by name.
struct FunctionTable: Sendable {
  private(set) var globals: [String: Function] = [:]
  private(set) var members: [String: Function] = [:]

  /// The functions of the language and of this program.
  static let standard = FunctionTable(
    Functions.conversions + Functions.core + Functions.texts + Functions.times + Functions.lists + Functions.numbers
      + Functions.encodings + Functions.optionals + Functions.bitsAndSets + Functions.networks
      + Functions.formatting + Functions.patterns + Functions.calendar + Functions.rounding)

  init(_ functions: [Function] = []) {
    for function in functions { add(function) }
  }

  mutating func add(_ function: Function) {
    if function.form != .member { globals[function.name] = function }
    if function.form != .global { members[function.name] = function }
  }

  /// Every function once, by name.
  var all: [Function] {
    let memberOnly = members.values.filter { $0.form == .member }
    return (Array(globals.values) + memberOnly).sorted { $0.name < $1.name }
  }
}

/// The functions of the language and of this program, a list a subject.
enum Functions {}
