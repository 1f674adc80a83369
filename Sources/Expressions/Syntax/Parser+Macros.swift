extension Parser {
  /// The node a call stands for where it is a macro's; nil where it is a call (CEL specification, "Macros").
  func expandMacro(
    _ name: String, target: NodeID?, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind? {
    guard let target else { return name == "has" ? try has(arguments, range) : nil }
    switch (name, arguments.count) {
    case ("all", 2...3): return try test(.all, target, arguments)
    case ("exists", 2...3): return try test(.exists, target, arguments)
    case ("exists_one", 2...3), ("existsOne", 2...3): return try test(.existsOne, target, arguments)
    case ("filter", 2): return try test(.filter, target, arguments)
    case ("map", 2...3): return try transform(.map, target, variables: 1, arguments)
    case ("transformList", 3...4): return try transform(.transformList, target, variables: 2, arguments)
    case ("transformMap", 3...4): return try transform(.transformMap, target, variables: 2, arguments)
    default: return nil
    }
  }

  private func has(_ arguments: [NodeID], _ range: Range<Int>) throws(ExpressionIssue) -> SyntaxTree.Kind {
    guard arguments.count == 1, case .select(let operand, let field) = tree[arguments[0]].kind else {
      throw ExpressionIssue("has() takes one field, as in has(record.name)", at: range)
    }
    return .has(operand, field: field)
  }

  private func test(
    _ operation: SyntaxTree.Comprehension.Operation, _ target: NodeID, _ arguments: [NodeID]
  ) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let names = try variables(arguments.dropLast())
    return .comprehension(
      SyntaxTree.Comprehension(
        operation: operation, operand: target, variables: names, predicate: arguments[arguments.count - 1],
        transform: nil))
  }

  private func transform(
    _ operation: SyntaxTree.Comprehension.Operation, _ target: NodeID, variables count: Int, _ arguments: [NodeID]
  ) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let names = try variables(arguments.prefix(count))
    let hasFilter = arguments.count == count + 2
    return .comprehension(
      SyntaxTree.Comprehension(
        operation: operation, operand: target, variables: names, predicate: hasFilter ? arguments[count] : nil,
        transform: arguments[arguments.count - 1]))
  }

  private func variables(_ arguments: ArraySlice<NodeID>) throws(ExpressionIssue) -> [String] {
    var names: [String] = []
    for argument in arguments {
      guard case .identifier(let name, isAbsolute: false) = tree[argument].kind else {
        throw ExpressionIssue(
          "the name of the element must be a simple name", at: tree[argument].range,
          help: "write it as in record.items.all(item, item.qty > 0)")
      }
      if names.contains(name) {
        throw ExpressionIssue("the name '\(name)' is given twice", at: tree[argument].range)
      }
      names.append(name)
    }
    return names
  }
}
