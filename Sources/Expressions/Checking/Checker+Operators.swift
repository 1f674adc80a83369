import Values

extension Checker {
  // MARK: - Types of several kinds

  /// What an operation gives for each of the types a node may have; nil where it takes none, which is reported.
  ///
  /// Where it takes some only, the others are a doubt.
  ///
  /// - Parameters:
  ///   - problem: what is wrong with a type that is not taken: "has no fields".
  ///   - operation: the type of the result; nil where the type is not taken.
  mutating func each(
    of id: NodeID, _ problem: String, _ operation: (ExpressionType) -> ExpressionType?
  ) -> ExpressionType? {
    var results: [ExpressionType] = []
    var refused: [ExpressionType] = []
    for member in types[id].members {
      if member == .dyn {
        results.append(.dyn)
      } else if let result = operation(member) {
        results.append(result)
      } else {
        refused.append(member)
      }
    }
    let range = tree[id].range
    if results.isEmpty {
      let type = ExpressionType.union(of: refused)
      let help = Checker.optionalHelp([type])
      report { _ in ExpressionIssue("\(type.withArticle) \(problem)", kind: .noOverload, at: range, help: help) }
      return nil
    }
    doubt(refused, range) { "\($0.withArticle) \(problem)" }
    return .union(of: results)
  }

  /// Doubts a value that may be of types that are not taken.
  mutating func doubt(_ refused: [ExpressionType], _ range: Range<Int>, _ problem: (ExpressionType) -> String) {
    guard !refused.isEmpty else { return }
    if refused == [.null] {
      doubt(
        ExpressionIssue(
          "this may be null: \(problem(.null))", kind: .possibleNull, at: range,
          help: "say what to take then, as in x == null ? ... : ..."))
    } else {
      let type = ExpressionType.union(of: refused)
      doubt(
        ExpressionIssue(
          "this may be \(type.withArticle): \(problem(type))", kind: .possibleMismatch, at: range,
          help: Checker.optionalHelp([type])))
    }
  }

  /// Checks that a node's value is of a type; false where it never is, which is reported.
  mutating func demand(_ id: NodeID, _ wanted: ExpressionType, _ problem: String) -> Bool {
    each(of: id, problem) { type in
      var match = TypeMatch()
      return match.fit(type, wanted) == .never ? nil : type
    } != nil
  }

  // MARK: - Signs

  mutating func not(_ id: NodeID, _ operand: NodeID) {
    visit(operand)
    _ = demand(operand, .bool, "is no condition")
    types[id] = .bool
  }

  mutating func negate(_ id: NodeID, _ operand: NodeID) {
    visit(operand)
    types[id] = each(of: operand, "has no negative") { $0.isNumber && $0 != .uint ? $0 : nil } ?? .dyn
  }

  mutating func logical(_ id: NodeID, _ isAnd: Bool, _ operands: [NodeID]) {
    let outer = facts
    for operand in operands {
      visit(operand)
      _ = demand(operand, .bool, "is no condition")
      // What follows only counts where this one did not decide.
      facts.merge(Facts(of: operand, is: isAnd, in: self))
    }
    facts = outer
    types[id] = .bool
  }

  mutating func conditional(_ id: NodeID, _ condition: NodeID, _ yes: NodeID, _ no: NodeID) {
    visit(condition)
    _ = demand(condition, .bool, "is no condition")
    let outer = facts
    for (branch, truth) in [(yes, true), (no, false)] {
      facts.merge(Facts(of: condition, is: truth, in: self))
      visit(branch)
      facts = outer
    }
    types[id] = .union(of: [types[yes], types[no]])
  }

  // MARK: - Arithmetic

  mutating func arithmetic(_ id: NodeID, _ operation: ArithmeticOperator, _ left: NodeID, _ right: NodeID) {
    visit(left)
    visit(right)
    var results: [ExpressionType] = []
    var taken = TakenMembers(types[left], types[right])
    for (place, a) in types[left].members.enumerated() {
      for (other, b) in types[right].members.enumerated() {
        guard let result = result(operation, a, left, b, right) else { continue }
        results.append(result)
        taken.note(place, other)
      }
    }
    if results.isEmpty {
      noOverload(id, operation.rawValue, left, right)
      return
    }
    for (operand, refused) in [(left, taken.refusedLeft), (right, taken.refusedRight)] {
      doubt(refused, tree[operand].range) { type in
        "no such overload: " + (operand == left ? "\(type) \(operation.rawValue)" : "\(operation.rawValue) \(type)")
      }
    }
    types[id] = .union(of: results)
  }

  private mutating func noOverload(_ id: NodeID, _ operation: String, _ left: NodeID, _ right: NodeID) {
    let (a, b) = (types[left], types[right])
    report {
      ExpressionIssue(
        "no such overload: \(a) \(operation) \(b)", kind: .noOverload, at: $0.tree[id].range,
        help: Checker.conversionHelp(a, b))
    }
  }

  /// What to say where one of several values is an optional and must not be; nil where none is.
  static func optionalHelp(_ types: [ExpressionType]) -> String? {
    types.contains { $0.members.contains(where: \.isOptional) }
      ? "write x.orValue(...) for what the optional holds, with what to take where it has none" : nil
  }

  private static func conversionHelp(_ left: ExpressionType, _ right: ExpressionType) -> String? {
    let isText = { (type: ExpressionType) in type == .string || type.strings != nil }
    if let help = optionalHelp([left, right]) { return help }
    if left == .null || right == .null { return "one of them is null; test it with == null first" }
    if isText(left) || isText(right) {
      return "write string(x) to make it text, or int(x) or decimal(x) to calculate"
    }
    if left == .int && right == .uint || left == .uint && right == .int {
      return "convert one of them with int(x) or uint(x)"
    }
    if left == .double || right == .double { return "a double is not exact; write decimal(x), or double(x)" }
    return nil
  }

  /// What an operator gives for two types that are no unions; nil where it does not take them.
  private func result(
    _ operation: ArithmeticOperator, _ a: ExpressionType, _ left: NodeID, _ b: ExpressionType, _ right: NodeID
  ) -> ExpressionType? {
    let (a, b) = (exact(a, left, beside: b, right), exact(b, right, beside: a, left))
    switch (a, b) {
    case (.dyn, .dyn): return .dyn
    case (.dyn, let known), (let known, .dyn): return Checker.isOperand(known, of: operation) ? .dyn : nil
    case (.int, .int), (.uint, .uint): return a
    case (.double, .double): return operation == .remainder ? nil : .double
    case (.decimal, .decimal), (.decimal, .int), (.int, .decimal), (.decimal, .uint), (.uint, .decimal):
      return operation == .remainder ? nil : .decimal
    case (.bytes, .bytes): return operation == .add ? .bytes : nil
    case (.list(let x), .list(let y)): return operation == .add ? .list(.union(of: [x, y])) : nil
    case (.timestamp, .duration): return operation == .add || operation == .subtract ? .timestamp : nil
    case (.duration, .timestamp): return operation == .add ? .timestamp : nil
    case (.timestamp, .timestamp): return operation == .subtract ? .duration : nil
    case (.duration, .duration): return operation == .add || operation == .subtract ? .duration : nil
    default:
      let isText = [a, b].allSatisfy { $0 == .string || $0.strings != nil }
      return isText && operation == .add ? .string : nil
    }
  }

  /// A floating point literal beside a decimal, or beside an int that is not known beforehand, is a decimal.
  private func exact(
    _ type: ExpressionType, _ id: NodeID, beside other: ExpressionType, _ neighbour: NodeID
  ) -> ExpressionType {
    guard case .real = tree[id].kind else { return type }
    if other == .decimal { return .decimal }
    if constancies[neighbour] == .max { return type }
    return other == .int ? .decimal : type
  }

  private static func isOperand(_ type: ExpressionType, of operation: ArithmeticOperator) -> Bool {
    switch type {
    case .int, .uint, .dyn: true
    case .double, .decimal: operation != .remainder
    case .timestamp, .duration: operation == .add || operation == .subtract
    case .string, .enumeration, .text, .bytes, .list: operation == .add
    default: false
    }
  }

  // MARK: - Comparisons

  mutating func comparison(_ id: NodeID, _ operation: ComparisonOperator, _ left: NodeID, _ right: NodeID) {
    visit(left)
    visit(right)
    types[id] = .bool
    if operation == .equal || operation == .notEqual {
      compare(left, right, at: tree[id].range)
      return
    }
    var taken = TakenMembers(types[left], types[right])
    for (place, a) in types[left].members.enumerated() {
      for (other, b) in types[right].members.enumerated() where a.isOrdered(with: b) { taken.note(place, other) }
    }
    if taken.refusedLeft.count == types[left].members.count {
      noOverload(id, operation.rawValue, left, right)
      return
    }
    for (operand, refused) in [(left, taken.refusedLeft), (right, taken.refusedRight)] {
      doubt(refused, tree[operand].range) { "\($0) has no order here" }
    }
  }

  /// Reports values that are never equal; null may be compared with everything.
  private mutating func compare(_ left: NodeID, _ right: NodeID, at range: Range<Int>) {
    let (a, b) = (types[left], types[right])
    guard !a.meets(b), a != .null, b != .null else { return }
    if let problem = enumMismatch(a, b, at: range) {
      report { _ in problem }
    } else {
      let help = Checker.equalityHelp(a, b)
      report { _ in
        ExpressionIssue(
          "\(a.withArticle) and \(b.withArticle) are never equal", kind: .neverEqual, at: range, help: help)
      }
    }
  }

  /// What to say where a text that is written out is none of those a schema allows; nil for other types.
  private func enumMismatch(_ a: ExpressionType, _ b: ExpressionType, at range: Range<Int>) -> ExpressionIssue? {
    let (declared, written): ([String], [String])
    switch (a.withoutNull, b.withoutNull) {
    case (.enumeration(let x), .text(let y)), (.text(let y), .enumeration(let x)): (declared, written) = (x, y)
    case (.enumeration(let x), .enumeration(let y)): (declared, written) = (x, y)
    default: return nil
    }
    let texts = written.prefix(4).map { "'\($0)'" }.joined(separator: ", ")
    return ExpressionIssue(
      "\(texts) is none of the values this may have", kind: .enumMismatch, at: range,
      help: written.first.flatMap { Suggestion.help(for: $0, among: declared, noun: "values") })
  }

  private static func equalityHelp(_ a: ExpressionType, _ b: ExpressionType) -> String? {
    if a.members.contains(where: \.isOptional) != b.members.contains(where: \.isOptional) {
      return optionalHelp([a, b])
    }
    let isText = { (type: ExpressionType) in type == .string || type.strings != nil }
    if isText(a) && b.members.allSatisfy(\.isNumber) || isText(b) && a.members.allSatisfy(\.isNumber) {
      return "write string(x) around the number, or quotes around it"
    }
    return [a, b].contains(.timestamp) ? "write timestamp(x) around the text" : nil
  }

  mutating func contains(_ id: NodeID, _ element: NodeID, _ container: NodeID) {
    visit(element)
    visit(container)
    types[id] = .bool
    let wanted = types[element]
    var elements: [ExpressionType] = []
    _ = each(of: container, "has no elements or keys to look among") { type in
      switch type {
      case .list(let element): elements.append(element)
      case .map(let key, _): elements.append(key)
      case .record: elements.append(.string)
      default: return nil
      }
      return .bool
    }
    guard !elements.isEmpty, !elements.contains(where: { wanted.meets($0) || $0.meets(.null) }), wanted != .null else {
      return
    }
    let among = ExpressionType.union(of: elements)
    // Lists and maps that are written out with values of several types are no mistake.
    if case .union = among { return }
    let range = tree[id].range
    let issue =
      enumMismatch(wanted, among, at: range)
      ?? ExpressionIssue(
        "\(wanted.withArticle) is never among values of type \(among)", kind: .neverEqual, at: range,
        help: Checker.equalityHelp(wanted, among))
    report { _ in issue }
  }
}

extension ExpressionType {
  /// Whether values of two types that are no unions can be put in order.
  fileprivate func isOrdered(with other: ExpressionType) -> Bool {
    switch (self, other) {
    case (.dyn, let type), (let type, .dyn): return type != .null && !type.isList
    case (.bool, .bool), (.bytes, .bytes), (.timestamp, .timestamp), (.duration, .duration): return true
    default:
      let isText = [self, other].allSatisfy { $0 == .string || $0.strings != nil }
      return isText || isNumber && other.isNumber
    }
  }
}

/// Which of the types that two operands may have are taken with one of the other's.
///
/// By their places: a type may share its parts many times over, and comparing or hashing it may have no end.
private struct TakenMembers {
  private let left: [ExpressionType]
  private let right: [ExpressionType]
  private var leftPlaces: Set<Int> = []
  private var rightPlaces: Set<Int> = []

  init(_ left: ExpressionType, _ right: ExpressionType) {
    self.left = left.members
    self.right = right.members
  }

  mutating func note(_ left: Int, _ right: Int) {
    leftPlaces.insert(left)
    rightPlaces.insert(right)
  }

  var refusedLeft: [ExpressionType] { left.indices.filter { !leftPlaces.contains($0) }.map { left[$0] } }
  var refusedRight: [ExpressionType] { right.indices.filter { !rightPlaces.contains($0) }.map { right[$0] } }
}
