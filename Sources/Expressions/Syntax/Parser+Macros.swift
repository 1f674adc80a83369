import Values

extension Parser {
  /// The node a call stands for where it is a macro's; nil where it is a call (CEL specification, "Macros").
  mutating func expandMacro(
    _ name: String, target: NodeID?, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind? {
    guard let target else { return name == "has" ? try has(arguments, range) : nil }
    if case .identifier("cel", _) = tree[target].kind, name == "bind", arguments.count == 3 {
      return try bind(arguments, range)
    }
    switch (name, arguments.count) {
    case ("all", 2...3): return try test(.all, target, arguments)
    case ("exists", 2...3): return try test(.exists, target, arguments)
    case ("exists_one", 2...3), ("existsOne", 2...3): return try test(.existsOne, target, arguments)
    case ("filter", 2): return try test(.filter, target, arguments)
    case ("map", 2...3): return try transform(.map, target, variables: 1, arguments)
    case ("transformList", 3...4): return try transform(.transformList, target, variables: 2, arguments)
    case ("transformMap", 3...4): return try transform(.transformMap, target, variables: 2, arguments)
    case ("transformMapEntry", 3...4):
      let entries = try add(try transform(.transformList, target, variables: 2, arguments), from: range.lowerBound)
      return .call(name: "@mergeEntries", target: entries, arguments: [])
    case ("optMap", 2): return try mapOptional(target, arguments, range, closing: "@optional")
    case ("optFlatMap", 2): return try mapOptional(target, arguments, range, closing: "@flatOptional")
    case ("sortBy", 2): return try sort(target, arguments, range)
    default: return nil
    }
  }

  // Each of the following is written with what there is already, and uses its operands once: a macro that took its
  // operand twice would double the work with every further call in a chain.

  /// `cel.bind(x, value, result)` is `[value].map(x, result)[0]`.
  private mutating func bind(_ arguments: [NodeID], _ range: Range<Int>) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let start = range.lowerBound
    let list = try add(.list([arguments[1]]), from: start)
    let loop = try add(try transform(.map, list, variables: 1, [arguments[0], arguments[2]]), from: start)
    return .index(loop, try add(.literal(.int(0)), from: start))
  }

  /// `optional.optMap(x, result)` maps a list of at most one element.
  private mutating func mapOptional(
    _ target: NodeID, _ arguments: [NodeID], _ range: Range<Int>, closing: String
  ) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let start = range.lowerBound
    let elements = try add(.call(name: "@elements", target: target, arguments: []), from: start)
    let loop = try add(try transform(.map, elements, variables: 1, arguments), from: start)
    return .call(name: closing, target: loop, arguments: [])
  }

  /// `list.sortBy(x, key)` is `cel.bind(@list, list, @list.@sortByKeys(@list.map(x, key)))`.
  private mutating func sort(
    _ target: NodeID, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let start = range.lowerBound
    let name = try add(.identifier("@list", isAbsolute: false), from: start)
    let keys = try add(try transform(.map, name, variables: 1, arguments), from: start)
    let sorted = try add(.call(name: "@sortByKeys", target: name, arguments: [keys]), from: start)
    return try bind([name, target, sorted], range)
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
