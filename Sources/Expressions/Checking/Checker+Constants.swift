extension Checker {
  /// Where a value is the same whatever the variables are: `Int.max` where it always is, else the number of the outermost
  /// loop variable it is made of; nil where it is not.
  ///
  /// As ``Lowering`` has it, which works out beforehand what is constant: an int that is known then is one that is written
  /// out, and takes no floating point literal for a decimal.
  func constancy(of id: NodeID) -> Int? {
    switch tree[id].kind {
    case .literal, .real: return .max
    case .identifier, .select:
      switch references[id] {
      case .type: return .max
      case .local(let place): return locals[place].constancy
      case nil: return least(tree[id].kind.children)
      case .variable, .function, .unknown: return nil
      }
    case .call(_, let target, let arguments):
      guard case .function(let function, let isMember) = references[id], function.isPure else { return nil }
      return least((isMember ? target.map { [$0] } ?? [] : []) + arguments)
    case .index(let operand, let key):
      if let (_, result) = tree.binding(id, operand, key) { return outside(locals.count, constancies[result]) }
      return least([operand, key])
    case .comprehension(let loop):
      let body = least([loop.predicate, loop.transform].compactMap { $0 })
      guard let operand = constancies[loop.operand], let outer = outside(locals.count, body) else { return nil }
      return min(operand, outer)
    default: return least(tree[id].kind.children)
    }
  }

  private func least(_ children: [NodeID]) -> Int? {
    var result = Int.max
    for child in children {
      guard let own = constancies[child] else { return nil }
      result = min(result, own)
    }
    return result
  }

  /// What is left of it where the variables from a number on are no more.
  private func outside(_ place: Int, _ constancy: Int?) -> Int? { constancy.map { $0 < place ? $0 : .max } }
}
