import Values

/// A loop over a list or over the keys of a map.
final class ComprehensionNode: Node {
  let range: Range<Int>
  private let operation: SyntaxTree.Comprehension.Operation
  private let operand: any Node
  /// Where the frame keeps the element, or the index and behind it the element.
  private let place: Int
  private let hasIndex: Bool
  private let predicate: (any Node)?
  private let transform: (any Node)?
  /// What one turn costs at most.
  private let turnCost: Int

  init(
    _ loop: SyntaxTree.Comprehension, operand: any Node, place: Int, predicate: (any Node)?, transform: (any Node)?,
    turnCost: Int, range: Range<Int>
  ) {
    operation = loop.operation
    hasIndex = loop.variables.count == 2
    self.operand = operand
    self.place = place
    self.predicate = predicate
    self.transform = transform
    self.turnCost = turnCost
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    var result = LoopResult(operation)
    switch try operand.evaluate(&frame) {
    case .list(let items):
      result.expect(items.count)
      let element = hasIndex ? place + 1 : place
      for index in items.indices {
        if hasIndex { frame.locals[place] = .int(Int64(index)) }
        frame.locals[element] = items[index]
        if try turn(&frame, &result) { break }
      }
    case .map(let map):
      if Optionals.isOpaque(map) { throw Optionals.refusal(of: .map(map), at: operand.range) }
      result.expect(map.count)
      for (slot, key) in map.shape.keys.enumerated() {
        frame.locals[place] = key.value
        if hasIndex { frame.locals[place + 1] = map.values[slot] }
        if try turn(&frame, &result) { break }
      }
    case let other:
      throw Failure(
        .noSuchOverload, "\(operation.rawValue)() runs over a list or a map, not \(other.typeName.withArticle)",
        at: operand.range)
    }
    return try result.value()
  }

  /// One element; true where no further one matters.
  @inline(__always)
  private func turn(_ frame: inout Frame, _ result: inout LoopResult) throws(Failure) -> Bool {
    try frame.charge(turnCost)
    switch operation {
    case .all, .exists: return try search(&frame, &result)
    case .existsOne:
      if try predicate?.test(&frame) ?? true { result.count += 1 }
      return false
    case .filter:
      if try predicate?.test(&frame) ?? true { result.items.append(frame.locals[place]) }
      return false
    case .map, .transformList:
      if let predicate, try !predicate.test(&frame) { return false }
      if let transform { result.items.append(try transform.evaluate(&frame)) }
      return false
    case .transformMap:
      if let predicate, try !predicate.test(&frame) { return false }
      if let transform {
        let value = try transform.evaluate(&frame)
        do throws(Failure) {
          try result.map.add(frame.locals[place], value)
        } catch {
          throw error.placed(at: range)
        }
      }
      return false
    }
  }

  /// `all` ends with the first false, `exists` with the first true; an error counts only where none comes.
  private func search(_ frame: inout Frame, _ result: inout LoopResult) throws(Failure) -> Bool {
    do throws(Failure) {
      if try (predicate?.test(&frame) ?? true) == (operation == .exists) {
        result.isDecided = true
        return true
      }
    } catch {
      if error.kind == .costExceeded { throw error }
      if result.failure == nil { result.failure = error }
    }
    return false
  }
}

/// What a loop has gathered so far.
private struct LoopResult {
  let operation: SyntaxTree.Comprehension.Operation
  var isDecided = false
  var failure: Failure?
  var count = 0
  var items: [Value] = []
  var map = MapBuilder()

  init(_ operation: SyntaxTree.Comprehension.Operation) { self.operation = operation }

  /// Makes room for as many elements as there may be, within reason.
  mutating func expect(_ count: Int) {
    switch operation {
    case .map, .filter, .transformList: items.reserveCapacity(min(count, 64))
    case .all, .exists, .existsOne, .transformMap: break
    }
  }

  func value() throws(Failure) -> Value {
    switch operation {
    case .all, .exists:
      if isDecided { return .bool(operation == .exists) }
      if let failure { throw failure }
      return .bool(operation == .all)
    case .existsOne: return .bool(count == 1)
    case .map, .filter, .transformList: return .list(items)
    case .transformMap: return .map(map.map)
    }
  }
}
