extension Checker {
  mutating func comprehension(_ id: NodeID, _ loop: SyntaxTree.Comprehension) {
    visit(loop.operand)
    let place = locals.count
    let (key, element) = elements(of: loop)
    if loop.variables.count == 2 {
      locals += [(loop.variables[0], key, place), (loop.variables[1], element, place + 1)]
    } else {
      let isBinding = bindings.contains(id)
      locals.append((loop.variables[0], element, isBinding ? constancies[loop.operand] : place))
    }
    let outer = facts
    var found = Facts(paths)
    if let predicate = loop.predicate {
      visit(predicate)
      _ = demand(predicate, .bool, "is no condition")
      found = Facts(of: predicate, is: true, in: self)
    }
    if let transform = loop.transform {
      facts.merge(found)
      visit(transform)
      facts = outer
    }
    let result = loop.transform.map { types[$0] } ?? .dyn
    locals.removeLast(loop.variables.count)
    switch loop.operation {
    case .all, .exists, .existsOne: types[id] = .bool
    case .filter: types[id] = .list(found.refined(element, at: paths.variable("#\(place)")))
    case .map, .transformList: types[id] = .list(result)
    case .transformMap: types[id] = .map(key, result)
    }
  }

  /// What a loop's variables are: the index or key, and the element; for one variable over a map, the key is the element.
  private mutating func elements(of loop: SyntaxTree.Comprehension) -> (key: ExpressionType, element: ExpressionType) {
    var keys: [ExpressionType] = []
    var elements: [ExpressionType] = []
    let isPair = loop.variables.count == 2
    _ = each(of: loop.operand, "cannot be looped over; \(loop.operation.rawValue)() takes a list or a map") { type in
      switch type {
      case .list(let element):
        keys.append(.int)
        elements.append(element)
      case .map(let key, let value):
        keys.append(key)
        elements.append(isPair ? value : key)
      case .record(let record):
        keys.append(.string)
        elements.append(isPair ? record.valueType : .string)
      default: return nil
      }
      return type
    }
    if types[loop.operand].members.contains(.dyn) { return (.dyn, .dyn) }
    return (keys.isEmpty ? .dyn : .union(of: keys), elements.isEmpty ? .dyn : .union(of: elements))
  }
}
