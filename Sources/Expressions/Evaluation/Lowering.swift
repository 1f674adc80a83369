import Values

/// Makes the nodes that are evaluated from a checked tree.
///
/// What is constant is worked out here, once. What fails here (`1 / 0`) is left to fail when it is evaluated, as the
/// part it stands in may never be.
struct Lowering {
  /// A part that has been lowered.
  private struct Part {
    let node: any Node
    /// How many steps one evaluation takes at most, loops aside.
    let cost: Int
    /// True where neither a variable nor an impure function is in it.
    var isConstant: Bool
    /// The outermost loop variable it reads; `Int.max` where it reads none.
    var lowestLocal = Int.max
    /// The digits of a floating point literal.
    var decimal: Decimal?
    /// How many lists and maps the expression puts into each other here at most.
    var depth = 0

    var operand: Operand { Operand(node: node, decimal: decimal, constant: (node as? ConstantNode)?.value) }
  }

  /// A variable of a loop, or one that is bound.
  private struct Local {
    let place: Int
    /// How deep its value is at most.
    let depth: Int
    /// What it is bound to.
    var value: Part?
  }

  private let tree: SyntaxTree
  private let references: [Reference?]
  /// Where branches are recorded; nearly always nowhere.
  private let branches: BranchMarker?
  /// The variables around, innermost last, as the checker numbers them.
  private var locals: [Local] = []
  /// The next place in the frame that no variable around has.
  private var nextPlace = 0
  private var maximumLocals = 0
  /// How many places the variables in each node need; worked out where something is bound.
  private lazy var placesNeeded = tree.placesNeeded
  private var foldingBudget = 100_000
  private(set) var variables: Set<String> = []
  private let paths = FieldPaths()
  /// The path of each node on one that was read; nil for a node that is no field.
  private var placed: [NodeID: Int?] = [:]
  private var fieldPaths: Set<Int> = []
  private var usesOptionals = false

  private init(_ checked: CheckedTree, _ branches: BranchMarker?) {
    self.branches = branches
    tree = checked.tree
    references = checked.references
  }

  static func lower(_ checked: CheckedTree, _ branches: BranchMarker?) -> Program {
    var lowering = Lowering(checked, branches)
    let part = lowering.lower(checked.tree.root)
    return Program(
      node: part.node, cost: part.cost, locals: lowering.maximumLocals, variables: lowering.variables,
      fieldPaths: lowering.fieldPaths.map(lowering.paths.names(on:)).sorted { $0.lexicographicallyPrecedes($1) },
      usesOptionals: lowering.usesOptionals, isRead: part.node is VariableNode || part.node is PathNode,
      valueDepth: part.depth, levels: 2 * checked.tree[checked.tree.root].height)
  }

  private mutating func lower(_ id: NodeID) -> Part {
    let node = tree[id]
    let range = node.range
    switch node.kind {
    case .literal(let value): return Part(node: ConstantNode(value, range: range), cost: 1, isConstant: true)
    case .real(let number, let decimal):
      let constant = ConstantNode(.double(number), range: range)
      return Part(node: constant, cost: 1, isConstant: true, decimal: decimal)
    case .identifier:
      return reference(id)
    case .select(let operand, let field): return select(id, operand, field)
    case .has(let operand, let field):
      note(path: id)
      return join([operand], range) { HasNode($0[0].node, FieldStep(name: field, range: range), range: range) }
    case .index(let operand, let key): return bind(id, operand, key) ?? index(id, operand, key)
    case .call(_, let target, let arguments): return call(id, target, arguments)
    case .not(let operand): return join([operand], range) { NotNode($0[0].node, range: range) }
    case .negate(let operand): return join([operand], range) { NegateNode($0[0].node, range: range) }
    case .arithmetic(let operation, let a, let b):
      return join([a, b], range) { ArithmeticNode(operation, $0[0].operand, $0[1].operand, range: range) }
    case .comparison(let operation, let a, let b):
      return join([a, b], range) { ComparisonNode(operation, $0[0].operand, $0[1].operand, range: range) }
    case .contains(let element, let container):
      return join([element, container], range) { ContainsNode($0[0].node, $0[1].node, range: range) }
    case .logical(let isAnd, let operands):
      return join(operands, range) { [branches] in branches.logical(isAnd: isAnd, $0.map(\.node), range) }
    case .conditional(let a, let b, let c):
      return join([a, b, c], range) { [branches] in branches.conditional($0[0].node, $0[1].node, $0[2].node, range) }
    case .list(let elements): return join(elements, wraps: 1, range) { ListNode($0.map(\.node), range: range) }
    case .map(let entries): return map(entries, range)
    case .comprehension(let loop): return comprehension(loop, range)
    }
  }

  /// Lowers the children, makes the parent, and works it out where it is constant.
  private mutating func join(
    _ children: [NodeID], wraps: Int = 0, _ range: Range<Int>, _ make: ([Part]) -> any Node
  ) -> Part {
    var parts: [Part] = []
    for child in children { parts.append(lower(child)) }
    return join(parts, wraps: wraps, range, make)
  }

  private mutating func join(
    _ parts: [Part], isPure: Bool = true, wraps: Int = 0, _ range: Range<Int>, _ make: ([Part]) -> any Node
  ) -> Part {
    let part = Part(
      node: make(parts), cost: parts.reduce(1) { $0 + $1.cost }, isConstant: isPure && parts.allSatisfy(\.isConstant),
      lowestLocal: parts.map(\.lowestLocal).min() ?? .max, depth: wraps + (parts.map(\.depth).max() ?? 0))
    return folded(part)
  }

  private mutating func folded(_ part: Part) -> Part {
    guard part.isConstant, part.lowestLocal == .max, foldingBudget > 0, part.depth <= Parser.maximumHeight else {
      return part
    }
    var frame = Frame(budget: foldingBudget, locals: max(maximumLocals, 1))
    do throws(Failure) {
      try frame.charge(part.cost)
      let value = try part.node.evaluate(&frame)
      foldingBudget = frame.budget
      return Part(node: ConstantNode(value, range: part.node.range), cost: 1, isConstant: true, depth: part.depth)
    } catch {
      foldingBudget = frame.budget
      return part
    }
  }

  // MARK: - Names and fields

  private mutating func reference(_ id: NodeID) -> Part {
    let range = tree[id].range
    switch references[id] {
    case .variable(let slot, let name):
      variables.insert(name)
      return Part(node: VariableNode(slot: slot, name: name, range: range), cost: 1, isConstant: false)
    case .local(let number): return local(locals[number], range)
    case .type(let name):
      return Part(node: ConstantNode(.type(name), range: range), cost: 1, isConstant: true)
    case .unknown(let name, let message):
      return Part(node: FailingNode(name: name, message: message, range: range), cost: 1, isConstant: false)
    case .function, nil:
      preconditionFailure("the checker left a name without a meaning")
    }
  }

  private mutating func select(_ id: NodeID, _ operand: NodeID, _ field: String) -> Part {
    if references[id] != nil { return reference(id) }
    let range = tree[id].range
    note(path: id)
    let inner = lower(operand)
    return read(inner, FieldStep(name: field, range: range), range)
  }

  private mutating func index(_ id: NodeID, _ operand: NodeID, _ key: NodeID) -> Part {
    let range = tree[id].range
    note(path: id)
    let parts = [lower(operand), lower(key)]
    if case .string(let name) = parts[1].operand.constant {
      return read(parts[0], FieldStep(name: name, range: range, isKey: true), range)
    }
    return join(parts, range) { IndexNode($0[0].node, $0[1].node, range: range) }
  }

  private mutating func read(_ inner: Part, _ step: FieldStep, _ range: Range<Int>) -> Part {
    join([inner], range) { parts in
      switch parts[0].node {
      case let variable as VariableNode: PathNode(variable: variable, steps: [step], range: range)
      case let path as PathNode: PathNode(path, adding: step, range: range)
      case let local as LocalNode: LocalPathNode(local, step, range: range)
      case let path as LocalPathNode: LocalPathNode(path, adding: step, range: range)
      default: SelectNode(parts[0].node, step, range: range)
      }
    }
  }

  /// Keeps the names from a variable to a field that is read; the fields on the way are kept as well.
  private mutating func note(path id: NodeID) {
    guard let path = path(to: id), paths.parent(of: path) != nil else { return }
    fieldPaths.insert(path)
  }

  private mutating func path(to id: NodeID) -> Int? {
    if let known = placed[id] { return known }
    var path: Int?
    if case .variable(_, let name) = references[id] {
      path = paths.variable(name)
    } else if let (operand, field) = tree.field(id) {
      path = self.path(to: operand).map { paths.field(field, of: $0) }
    }
    placed[id] = .some(path)
    return path
  }

  // MARK: - Calls, maps, loops

  private mutating func call(_ id: NodeID, _ target: NodeID?, _ arguments: [NodeID]) -> Part {
    let range = tree[id].range
    switch references[id] {
    case .function(let function, let isMember):
      if function.handlesOpaque {
        usesOptionals = true
        note(path: id)
      }
      let children = (isMember ? target.map { [$0] } ?? [] : []) + arguments
      var parts: [Part] = []
      for child in children { parts.append(lower(child)) }
      if function.name == "matches", parts.count == 2, let node = MatchNode(parts[0].node, parts[1].node, range: range)
      {
        return join(parts, range) { _ in node }
      }
      if isMember, parts.count == 2, function.name == "or" || function.name == "orValue" {
        let unwraps = function.name == "orValue"
        return join(parts, range) { [branches] in branches.orElse($0[0].node, $0[1].node, unwraps: unwraps, range) }
      }
      // Optionals only come from calls, so a call before the first of them need not look for any.
      let refuses = usesOptionals && !function.takesOptionals
      let wraps = function.handlesOpaque || !function.isCallable ? 1 : 0
      return join(parts, isPure: function.isPure, wraps: wraps, range) { [branches] parts in
        let arguments: [any Node] = parts.map { refuses ? PlainNode($0.node) : $0.node }
        return branches.call(CallNode(function, arguments, range: range), function, arguments)
      }
    default: return reference(id)
    }
  }

  private mutating func map(_ entries: [(key: NodeID, value: NodeID)], _ range: Range<Int>) -> Part {
    let keys = entries.map { lower($0.key) }
    let values = entries.map { lower($0.value) }
    var names: [MapKey] = []
    for key in keys {
      if let constant = key.node as? ConstantNode, let name = MapBuilder.key(constant.value) { names.append(name) }
    }
    if names.count == keys.count, Set(names).count == names.count {
      let shape = Shape(keys: names)
      return join(values, wraps: 1, range) { RecordNode(shape: shape, $0.map(\.node), range: range) }
    }
    return join(keys + values, wraps: 1, range) { _ in
      MapNode(Array(zip(keys.map(\.node), values.map(\.node))).map { (key: $0.0, value: $0.1) }, range: range)
    }
  }

  private mutating func comprehension(_ loop: SyntaxTree.Comprehension, _ range: Range<Int>) -> Part {
    let operand = lower(loop.operand)
    let place = nextPlace
    locals += loop.variables.indices.map { Local(place: place + $0, depth: operand.depth) }
    take(places: loop.variables.count)
    let predicate = loop.predicate.map { lower($0) }
    let transform = loop.transform.map { lower($0) }
    nextPlace = place
    locals.removeLast(loop.variables.count)
    let body = [predicate, transform].compactMap { $0 }
    let outer = body.map { $0.lowestLocal < place ? $0.lowestLocal : .max }
    let node = ComprehensionNode(
      loop, operand: operand.node, place: place, predicate: predicate?.node, transform: transform?.node,
      turnCost: body.reduce(1) { $0 + $1.cost }, range: range)
    return folded(
      Part(
        node: node, cost: operand.cost + 1, isConstant: operand.isConstant && body.allSatisfy(\.isConstant),
        lowestLocal: min(operand.lowestLocal, outer.min() ?? .max),
        depth: max(operand.depth, 1 + (transform?.depth ?? 0))))
  }

  // MARK: - Bindings

  private func local(_ local: Local, _ range: Range<Int>) -> Part {
    guard let value = local.value else {
      return Part(
        node: LocalNode(place: local.place, range: range), cost: 1, isConstant: true, lowestLocal: local.place)
    }
    if let constant = (value.node as? ConstantNode)?.value {
      return Part(node: ConstantNode(constant, range: range), cost: 1, isConstant: true, depth: value.depth)
    }
    let node = BoundNode(place: local.place, value: value.node, cost: value.cost, range: range)
    return Part(
      node: node, cost: 1, isConstant: value.isConstant, lowestLocal: min(local.place, value.lowestLocal),
      depth: value.depth)
  }

  private mutating func bind(_ id: NodeID, _ operand: NodeID, _ key: NodeID) -> Part? {
    guard let (value, result) = tree.binding(id, operand, key) else { return nil }
    let place = nextPlace
    take(places: 1 + placesNeeded[result])
    let bound = lower(value)
    nextPlace = place + 1
    locals.append(Local(place: place, depth: bound.depth, value: bound))
    let part = lower(result)
    locals.removeLast()
    nextPlace = place
    let outer = part.lowestLocal < place ? part.lowestLocal : .max
    return folded(
      Part(
        node: BindNode(place: place, result: part.node, range: tree[id].range), cost: 1 + part.cost,
        isConstant: part.isConstant, lowestLocal: min(outer, bound.lowestLocal), depth: part.depth))
  }

  private mutating func take(places count: Int) {
    nextPlace += count
    maximumLocals = max(maximumLocals, nextPlace)
  }
}

/// An expression ready to be evaluated.
struct Program: Sendable {
  let node: any Node
  let cost: Int
  let locals: Int
  let variables: Set<String>
  let fieldPaths: [[String]]
  /// True where the value may be an optional or have one in it.
  let usesOptionals: Bool
  /// True where the value is a variable's or one of its fields, and nothing was made.
  let isRead: Bool
  /// How many lists and maps it puts into each other at most.
  let valueDepth: Int
  /// How many levels an evaluation goes down at most.
  let levels: Int
}
