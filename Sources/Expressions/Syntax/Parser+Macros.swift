import Values

extension Parser {
  /// The node a call stands for where it is a macro's; nil where it is a call (CEL specification, "Macros").
  mutating func expandMacro(
    _ name: String, target: NodeID?, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind? {
    guard let target else { return name == "has" ? try has(arguments, range) : nil }
    if case .identifier("cel", _) = tree[target].kind, let kind = try binding(name, arguments, range) { return kind }
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

  private mutating func binding(
    _ name: String, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind? {
    switch (name, arguments.count) {
    case ("bind", 3): return try bind(variables(arguments[...0])[0], arguments[1], arguments[2], range)
    case ("block", 2): return try block(arguments, range)
    case ("index", 1): return .identifier("@index" + (try numbers(name, arguments, range)), isAbsolute: false)
    case ("iterVar", 2): return .identifier("@it:" + (try numbers(name, arguments, range)), isAbsolute: false)
    case ("accuVar", 2): return .identifier("@ac:" + (try numbers(name, arguments, range)), isAbsolute: false)
    default: return nil
    }
  }

  /// `cel.bind(x, value, result)` is `[value].map(x, result)[0]`; that the index stands where the whole stands tells it
  /// from one that was written so.
  private mutating func bind(
    _ variable: String, _ value: NodeID, _ result: NodeID, _ range: Range<Int>
  ) throws(ExpressionIssue) -> SyntaxTree.Kind {
    let start = range.lowerBound
    let list = try add(.list([value]), from: start)
    let loop = SyntaxTree.Comprehension(
      operation: .map, operand: list, variables: [variable], predicate: nil, transform: result)
    return .index(try add(.comprehension(loop), from: start), try add(.literal(.int(0)), from: start))
  }

  /// `cel.block([a, b], result)` is `cel.bind(@index0, a, cel.bind(@index1, b, result))` (cel-go, `ext/bindings`).
  private mutating func block(_ arguments: [NodeID], _ range: Range<Int>) throws(ExpressionIssue) -> SyntaxTree.Kind {
    guard case .list(let values) = tree[arguments[0]].kind, !values.isEmpty else {
      throw ExpressionIssue(
        "cel.block() takes a list of values that is written out, and the result",
        at: tree[arguments[0]].range, help: "write it as in cel.block([a + b, cel.index(0) * 2], cel.index(1))")
    }
    var result = arguments[1]
    for (number, value) in values.enumerated().reversed() {
      let kind = try bind("@index\(number)", value, result, range)
      if number == 0 { return kind }
      result = try add(kind, from: range.lowerBound)
    }
    return tree[result].kind
  }

  /// Whole numbers that are written out, as `0:1`.
  private func numbers(
    _ name: String, _ arguments: [NodeID], _ range: Range<Int>
  ) throws(ExpressionIssue) -> String {
    var texts: [String] = []
    for argument in arguments {
      guard case .literal(.int(let number)) = tree[argument].kind, number >= 0 else {
        throw ExpressionIssue("cel.\(name)() takes whole numbers that are written out", at: range)
      }
      texts.append(String(number))
    }
    return texts.joined(separator: ":")
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
    return try bind("@list", target, sorted, range)
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
      if name == "__result__" {
        throw ExpressionIssue("'__result__' is kept for the language itself and no name", at: tree[argument].range)
      }
      if names.contains(name) {
        throw ExpressionIssue("the name '\(name)' is given twice", at: tree[argument].range)
      }
      names.append(name)
    }
    return names
  }
}
