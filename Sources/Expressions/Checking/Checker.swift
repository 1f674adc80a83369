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
}

/// Finds out what names mean and whether calls fit, and reports everything that does not.
struct Checker {
  private let tree: SyntaxTree
  private let environment: ExpressionEnvironment
  private var references: [Reference?]
  private var locals: [String] = []
  private var issues: [ExpressionIssue] = []

  private static let maximumIssues = 100

  private init(_ tree: SyntaxTree, _ environment: ExpressionEnvironment) {
    self.tree = tree
    self.environment = environment
    references = Array(repeating: nil, count: tree.nodes.count)
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
    return CheckedTree(tree: tree, references: checker.references)
  }

  private mutating func visit(_ id: NodeID) {
    let node = tree[id]
    switch node.kind {
    case .identifier(let name, let isAbsolute): identifier(id, name, isAbsolute)
    case .select(let operand, _):
      if let (name, isAbsolute) = qualifiedName(id), let reference = resolve(name, isAbsolute) {
        references[id] = reference
      } else {
        visit(operand)
      }
    case .call(let name, let target, let arguments): call(id, name, target, arguments)
    case .comprehension(let loop):
      visit(loop.operand)
      locals += loop.variables
      for part in [loop.predicate, loop.transform] {
        if let part { visit(part) }
      }
      locals.removeLast(loop.variables.count)
    default:
      for child in node.kind.children { visit(child) }
    }
  }

  // MARK: - Names

  /// `a.b.c` as one name; nil where the node is no chain of names or its first one is a loop's variable.
  private func qualifiedName(_ id: NodeID) -> (name: String, isAbsolute: Bool)? {
    switch tree[id].kind {
    case .identifier(let name, let isAbsolute):
      if !isAbsolute, locals.contains(name) { return nil }
      return (name, isAbsolute)
    case .select(let operand, let field):
      guard let (name, isAbsolute) = qualifiedName(operand) else { return nil }
      return (name + "." + field, isAbsolute)
    default: return nil
    }
  }

  private func resolve(_ name: String, _ isAbsolute: Bool) -> Reference? {
    for candidate in environment.candidates(for: name, isAbsolute: isAbsolute) {
      if let slot = environment.slot(of: candidate) { return .variable(slot: slot, name: candidate) }
      if Checker.types.contains(candidate) { return .type(candidate) }
    }
    return nil
  }

  private mutating func identifier(_ id: NodeID, _ name: String, _ isAbsolute: Bool) {
    if !isAbsolute, let place = locals.lastIndex(of: name) {
      references[id] = .local(place)
    } else if let reference = resolve(name, isAbsolute) {
      references[id] = reference
    } else {
      references[id] = .unknown(name: name, message: "unknown name '\(name)'")
      report { $0.unknownName(name, at: $0.tree[id].range) }
    }
  }

  /// Adds an issue, unless there are enough; making one may mean comparing a name with many others.
  private mutating func report(_ issue: (Checker) -> ExpressionIssue) {
    if issues.count < Checker.maximumIssues { issues.append(issue(self)) }
  }

  private func unknownName(_ name: String, at range: Range<Int>) -> ExpressionIssue {
    let message = "unknown name '\(name)'"
    if let meant = Checker.otherLanguages[name] {
      return ExpressionIssue(message, at: range, help: "write \(meant)")
    }
    if environment.functions.globals[name] != nil {
      return ExpressionIssue(message, at: range, help: "'\(name)' is a function; call it as \(name)(...)")
    }
    let known = locals + environment.variables
    return ExpressionIssue(message, at: range, help: Suggestion.help(for: name, among: known, noun: "there are"))
  }

  // MARK: - Calls

  private mutating func call(_ id: NodeID, _ name: String, _ target: NodeID?, _ arguments: [NodeID]) {
    if let target, let (space, isAbsolute) = qualifiedName(target),
      let function = global(space + "." + name, isAbsolute)
    {
      use(function, id, isMember: false, count: arguments.count)
    } else if let target {
      visit(target)
      if let function = environment.functions.members[name] {
        use(function, id, isMember: true, count: arguments.count + 1)
      } else {
        unknownFunction(id, name, isMember: true)
      }
    } else {
      let isAbsolute = name.hasPrefix(".")
      let plain = isAbsolute ? String(name.dropFirst()) : name
      if let function = global(plain, isAbsolute) {
        use(function, id, isMember: false, count: arguments.count)
      } else {
        unknownFunction(id, plain, isMember: false)
      }
    }
    for argument in arguments { visit(argument) }
  }

  private func global(_ name: String, _ isAbsolute: Bool) -> Function? {
    for candidate in environment.candidates(for: name, isAbsolute: isAbsolute) {
      if let function = environment.functions.globals[candidate] { return function }
    }
    return nil
  }

  private mutating func use(_ function: Function, _ id: NodeID, isMember: Bool, count: Int) {
    references[id] = .function(function, isMember: isMember)
    guard !function.arity.contains(count) else { return }
    let hidden = isMember ? 1 : 0
    let (least, most) = (function.arity.lowerBound - hidden, function.arity.upperBound - hidden)
    let wanted = least == most ? "\(least)" : most > 64 ? "at least \(least)" : "\(least) to \(most)"
    let message = "\(function.name)() takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count - hidden)"
    let help = function.signatures.isEmpty ? nil : "there is " + function.signatures.joined(separator: ", ")
    report { ExpressionIssue(message, at: $0.tree[id].range, help: help) }
    references[id] = .unknown(name: function.name, message: message)
  }

  private mutating func unknownFunction(_ id: NodeID, _ name: String, isMember: Bool) {
    let message = "unknown function '\(name)'"
    references[id] = .unknown(name: name, message: message)
    report { ExpressionIssue(message, at: $0.tree[id].range, help: $0.functionHelp(name, isMember: isMember)) }
  }

  private func functionHelp(_ name: String, isMember: Bool) -> String? {
    let functions = environment.functions
    if isMember, let function = functions.globals[name] {
      return "it is called as \(function.signatures.first ?? name + "(...)")"
    } else if !isMember, let function = functions.members[name] {
      return "it is called as \(function.signatures.first ?? "x." + name + "(...)")"
    } else if !isMember, ["all", "exists", "exists_one", "existsOne", "filter", "map"].contains(name) {
      return "it is called on a list, as in record.items.\(name)(item, ...)"
    } else {
      let known = (isMember ? functions.members : functions.globals).keys.sorted()
      return Suggestion.help(for: name, among: known, noun: "functions")
    }
  }

  // MARK: - Words

  private static let types: Set<String> = [
    "bool", "bytes", "decimal", "double", "int", "list", "map", "net.CIDR", "net.IP", "null_type", "optional_type",
    "string", "type", "uint",
    "google.protobuf.Timestamp", "google.protobuf.Duration",
  ]

  private static let otherLanguages = [
    "and": "'&&'", "or": "'||'", "not": "'!'", "None": "null", "nil": "null", "NULL": "null", "True": "true",
    "TRUE": "true", "False": "false", "FALSE": "false", "undefined": "has(a.b) to test for a field",
  ]
}
