import Values

/// The place of a node in its tree; the checker keeps what it finds out about a node under the same number.
typealias NodeID = Int

/// An expression as it was written: nodes in an array, children before parents, so that no tree is too deep to let go of.
struct SyntaxTree: Sendable {
  struct Node: Sendable {
    let kind: Kind
    /// UTF-8 offsets in the source.
    let range: Range<Int>
    /// How many levels of nodes there are, this one included.
    let height: Int
  }

  enum Kind: Sendable {
    case literal(Value)
    /// A floating point literal, and the decimal its digits are.
    case real(Double, Decimal?)
    case identifier(String, isAbsolute: Bool)
    case select(NodeID, field: String)
    /// `has(operand.field)`.
    case has(NodeID, field: String)
    case index(NodeID, NodeID)
    case call(name: String, target: NodeID?, arguments: [NodeID])
    case not(NodeID)
    case negate(NodeID)
    case arithmetic(ArithmeticOperator, NodeID, NodeID)
    case comparison(ComparisonOperator, NodeID, NodeID)
    case contains(element: NodeID, NodeID)
    /// `&&` or `||` over two or more operands.
    case logical(isAnd: Bool, [NodeID])
    case conditional(NodeID, NodeID, NodeID)
    case list([NodeID])
    case map([(key: NodeID, value: NodeID)])
    case comprehension(Comprehension)
  }

  /// A macro that runs over a list or over the keys of a map.
  struct Comprehension: Sendable {
    enum Operation: String, Sendable {
      case all
      case exists
      case existsOne = "exists_one"
      case map
      case filter
      case transformList
      case transformMap
    }

    let operation: Operation
    let operand: NodeID
    /// One name for the element (of a map: the key), or two for index and element (of a map: key and value).
    let variables: [String]
    let predicate: NodeID?
    let transform: NodeID?
  }

  var nodes: [Node] = []
  var root: NodeID = 0

  subscript(id: NodeID) -> Node { nodes[id] }

  /// The field a node reads, or asks for, and of what; nil for other nodes.
  func field(_ id: NodeID) -> (operand: NodeID, name: String)? {
    switch self[id].kind {
    case .select(let operand, let name), .has(let operand, let name): return (operand, name)
    case .index(let operand, let key):
      guard case .literal(.string(let name)) = self[key].kind else { return nil }
      return (operand, name)
    case .call("_?._", nil, let arguments), .call("_[?_]", nil, let arguments):
      guard case .literal(.string(let name)) = self[arguments[1]].kind else { return nil }
      return (arguments[0], name)
    default: return nil
    }
  }
}

enum ArithmeticOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
}

enum ComparisonOperator: String, Sendable {
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

extension SyntaxTree.Kind {
  var children: [NodeID] {
    switch self {
    case .literal, .real, .identifier: []
    case .select(let operand, _), .has(let operand, _), .not(let operand), .negate(let operand): [operand]
    case .index(let a, let b), .arithmetic(_, let a, let b), .comparison(_, let a, let b), .contains(let a, let b):
      [a, b]
    case .call(_, let target, let arguments): (target.map { [$0] } ?? []) + arguments
    case .logical(_, let operands), .list(let operands): operands
    case .conditional(let a, let b, let c): [a, b, c]
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .comprehension(let loop): [loop.operand] + [loop.predicate, loop.transform].compactMap { $0 }
    }
  }
}
