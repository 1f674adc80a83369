import Values

/// What the parser writes for `cel.bind(x, value, result)`: `[value].map(x, result)[0]`, with the index standing where the
/// whole stands.
extension SyntaxTree {
  func binding(_ id: NodeID, _ operand: NodeID, _ key: NodeID) -> (value: NodeID, result: NodeID)? {
    guard self[key].range == self[id].range, case .comprehension(let loop) = self[operand].kind,
      case .list(let values) = self[loop.operand].kind, values.count == 1, let result = loop.transform
    else { return nil }
    return (values[0], result)
  }

  /// How many places in a frame the variables in each node need at a time, by the node's number.
  ///
  /// A bound value is worked out within the result, so that its variables need places beside the result's.
  var placesNeeded: [Int] {
    var places: [Int] = []
    places.reserveCapacity(nodes.count)
    for node in nodes {
      // Children stand before their parents.
      var most = 0
      for child in node.kind.children { most = max(most, places[child]) }
      if case .comprehension(let loop) = node.kind {
        let body = [loop.predicate, loop.transform].compactMap { $0 }.map { places[$0] }.max() ?? 0
        let isBinding: Bool
        if loop.operation == .map, case .list(let values) = self[loop.operand].kind {
          isBinding = values.count == 1
        } else {
          isBinding = false
        }
        most =
          isBinding
          ? 1 + body + places[loop.operand] : max(places[loop.operand], loop.variables.count + body)
      }
      places.append(most)
    }
    return places
  }
}
