import Values

/// What a name or a call in an expression stands for.
enum Reference: Sendable {
  case variable(slot: Int, name: String)
  /// The variable of a loop, by the number of loop variables around it.
  case local(Int)
  case type(String)
  case function(Function, isMember: Bool)
  /// Nothing; only in expressions that need not check.
  case unknown(name: String, message: String)
}

/// A tree in which every name is known.
struct CheckedTree: Sendable {
  let tree: SyntaxTree
  /// What each node refers to, by the node's number.
  let references: [Reference?]
  /// What is known of the value.
  let type: ExpressionType
  /// What goes wrong only with some values, in the order of the places.
  let doubts: [ExpressionIssue]
  /// The parts of which nothing is known.
  let uncheckedRanges: [Range<Int>]
}

/// Finds out what names mean, what is known of every value and whether operators and functions take it, and reports
/// everything that does not fit (CEL specification, "Gradual Type Checking").
///
/// Where nothing is known of a value, nothing is said about what is done with it. What is known grows with conditions: in
/// `has(r.a) ? r.a : 0` the second `r.a` is there.
struct Checker {
  let tree: SyntaxTree
  let environment: ExpressionEnvironment
  var references: [Reference?]
  /// What is known of each node's value, by the node's number.
  var types: [ExpressionType]
  /// The variables of loops and bindings around the node in hand; of a binding, what it is constant within.
  var locals: [(name: String, type: ExpressionType, constancy: Int?)] = []
  /// The loops that bind a name to one value.
  var bindings: Set<NodeID> = []
  /// Within which loop variable each node is constant, by the node's number; see ``constancy(of:)``.
  var constancies: [Int?]
  let paths = FieldPaths()
  /// The path of each node that is one, by the node's number; kept once it was visited.
  private var placed: [Facts.Path?]
  /// What the conditions around the node in hand say.
  var facts: Facts
  private var issues: [ExpressionIssue] = []
  private var doubts: [ExpressionIssue] = []
  private var unchecked: Set<NodeID> = []

  private static let maximumIssues = 100

  init(_ tree: SyntaxTree, _ environment: ExpressionEnvironment) {
    self.tree = tree
    self.environment = environment
    references = Array(repeating: nil, count: tree.nodes.count)
    types = Array(repeating: .dyn, count: tree.nodes.count)
    placed = Array(repeating: nil, count: tree.nodes.count)
    constancies = Array(repeating: nil, count: tree.nodes.count)
    facts = Facts(paths)
  }

  /// Checks a tree; one that `mayBeUnknown` keeps names that mean nothing until they are evaluated.
  static func check(
    _ tree: SyntaxTree, _ environment: ExpressionEnvironment, mayBeUnknown: Bool
  ) throws(ExpressionIssues) -> CheckedTree {
    var checker = Checker(tree, environment)
    checker.visit(tree.root)
    if !mayBeUnknown, !checker.issues.isEmpty {
      throw ExpressionIssues(checker.issues)
    }
    return CheckedTree(
      tree: tree, references: checker.references, type: checker.types[tree.root],
      doubts: ExpressionIssues.sorted(checker.doubts),
      uncheckedRanges: checker.unchecked.map { tree[$0].range }.sorted {
        ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
      })
  }

  // MARK: - Nodes

  mutating func visit(_ id: NodeID) {
    find(id)
    constancies[id] = constancy(of: id)
  }

  private mutating func find(_ id: NodeID) {
    switch tree[id].kind {
    case .literal(let value): types[id] = ExpressionType(of: value)
    case .real: types[id] = .double
    case .identifier(let name, let isAbsolute): identifier(id, name, isAbsolute)
    case .select(let operand, let field): select(id, operand, field)
    case .has(let operand, let field): has(id, operand, field)
    case .index(let operand, let key): index(id, operand, key)
    case .call(let name, let target, let arguments): call(id, name, target, arguments)
    case .not(let operand): not(id, operand)
    case .negate(let operand): negate(id, operand)
    case .arithmetic(let operation, let left, let right): arithmetic(id, operation, left, right)
    case .comparison(let operation, let left, let right): comparison(id, operation, left, right)
    case .contains(let element, let container): contains(id, element, container)
    case .logical(let isAnd, let operands): logical(id, isAnd, operands)
    case .conditional(let condition, let yes, let no): conditional(id, condition, yes, no)
    case .list(let elements): list(id, elements)
    case .map(let entries): map(id, entries)
    case .comprehension(let loop): comprehension(id, loop)
    }
  }

  private mutating func list(_ id: NodeID, _ elements: [NodeID]) {
    for element in elements { visit(element) }
    types[id] = .list(elements.isEmpty ? .dyn : .union(of: elements.map { types[$0] }))
  }

  private mutating func map(_ id: NodeID, _ entries: [(key: NodeID, value: NodeID)]) {
    for entry in entries {
      visit(entry.key)
      visit(entry.value)
      _ = demand(
        entry.key, .union(of: [.string, .int, .uint, .bool]),
        "cannot be a key of a map; keys are strings, whole numbers and truth values")
    }
    types[id] = mapType(entries.map { ($0.key, types[$0.value], true) })
  }

  /// The type of a map that is written out: with constant keys, its fields are known, and there may be others.
  func mapType(_ entries: [(key: NodeID, value: ExpressionType, isRequired: Bool)]) -> ExpressionType {
    var fields: [RecordType.Field] = []
    for entry in entries {
      guard case .literal(.string(let name)) = tree[entry.key].kind else {
        return .map(.union(of: entries.map { types[$0.key] }), .union(of: entries.map(\.value)))
      }
      fields.append(RecordType.Field(name, entry.value, isRequired: entry.isRequired))
    }
    return fields.isEmpty ? .map(.dyn, .dyn) : .record(RecordType(fields, others: .dyn))
  }

  // MARK: - Names

  /// `a.b.c` as one name; nil where the node is no chain of names, where its first one is a loop's variable, and where there
  /// are more names than any name of the environment has.
  func qualifiedName(_ id: NodeID) -> (name: String, isAbsolute: Bool)? {
    qualifiedName(id, parts: environment.longestName)
  }

  private func qualifiedName(_ id: NodeID, parts: Int) -> (name: String, isAbsolute: Bool)? {
    switch tree[id].kind {
    case .identifier(let name, let isAbsolute):
      if !isAbsolute, locals.contains(where: { $0.name == name }) { return nil }
      return (name, isAbsolute)
    case .select(let operand, let field):
      guard parts > 1, let (name, isAbsolute) = qualifiedName(operand, parts: parts - 1) else { return nil }
      return (name + "." + field, isAbsolute)
    default: return nil
    }
  }

  func resolve(_ name: String, _ isAbsolute: Bool) -> Reference? {
    for candidate in environment.candidates(for: name, isAbsolute: isAbsolute) {
      if let slot = environment.slot(of: candidate) { return .variable(slot: slot, name: candidate) }
      if Checker.typeNames.contains(candidate) { return .type(candidate) }
    }
    return nil
  }

  private mutating func identifier(_ id: NodeID, _ name: String, _ isAbsolute: Bool) {
    if !isAbsolute, let place = locals.lastIndex(where: { $0.name == name }) {
      references[id] = .local(place)
      keep(id, at: paths.variable("#\(place)"))
      know(id, facts.narrowed(locals[place].type, at: paths.variable("#\(place)")))
    } else if let reference = resolve(name, isAbsolute) {
      refer(id, to: reference)
    } else {
      references[id] = .unknown(name: name, message: "unknown name '\(name)'")
      report { $0.unknownName(name, at: $0.tree[id].range) }
    }
  }

  mutating func refer(_ id: NodeID, to reference: Reference) {
    references[id] = reference
    switch reference {
    case .variable(_, let name):
      keep(id, at: paths.variable(name))
      know(id, facts.narrowed(environment.type(of: name), at: paths.variable(name)))
    case .type: types[id] = .type
    default: break
    }
  }

  private func unknownName(_ name: String, at range: Range<Int>) -> ExpressionIssue {
    let message = "unknown name '\(name)'"
    if let meant = Checker.otherLanguages[name] {
      return ExpressionIssue(message, kind: .unknownName, at: range, help: "write \(meant)")
    }
    if environment.functions.globals[name] != nil {
      return ExpressionIssue(
        message, kind: .unknownName, at: range, help: "'\(name)' is a function; call it as \(name)(...)")
    }
    let known = locals.map(\.name) + environment.variables
    return ExpressionIssue(
      message, kind: .unknownName, at: range, help: Suggestion.help(for: name, among: known, noun: "there are"))
  }

  /// The way from a variable to the field a visited node reads; nil for other nodes.
  func path(to id: NodeID) -> Facts.Path? { placed[id] }

  mutating func keep(_ id: NodeID, at path: Facts.Path?) { placed[id] = path }

  // MARK: - What is found

  /// Keeps what is known of a node, and that it is nothing where it is nothing.
  mutating func know(_ id: NodeID, _ type: ExpressionType) {
    types[id] = type
    if type == .dyn { mark(id) }
  }

  /// Keeps that nothing is known of a node.
  mutating func mark(_ id: NodeID) { unchecked.insert(id) }

  /// Takes back that nothing is known of a node, as a node around it says the same.
  mutating func forget(_ id: NodeID) { unchecked.remove(id) }

  /// Adds an issue, unless there are enough; making one may mean comparing a name with many others.
  mutating func report(_ issue: (Checker) -> ExpressionIssue) {
    if issues.count < Checker.maximumIssues { issues.append(issue(self)) }
  }

  /// Adds a doubt, unless there are enough or the place has one already.
  mutating func doubt(_ issue: ExpressionIssue) {
    guard doubts.count < Checker.maximumIssues, !doubts.contains(where: { $0.range == issue.range }) else { return }
    doubts.append(issue)
  }

  // MARK: - Words

  static let typeNames: Set<String> = [
    "bool", "bytes", "decimal", "double", "int", "list", "map", "net.CIDR", "net.IP", "null_type", "optional_type",
    "string", "type", "uint",
    "google.protobuf.Timestamp", "google.protobuf.Duration",
  ]

  private static let otherLanguages = [
    "and": "'&&'", "or": "'||'", "not": "'!'", "None": "null", "nil": "null", "NULL": "null", "True": "true",
    "TRUE": "true", "False": "false", "FALSE": "false", "undefined": "has(a.b) to test for a field",
  ]
}
