import Values

extension Facts {
  /// What holds where a condition has a truth value.
  init(of condition: NodeID, is truth: Bool, in checker: Checker) {
    self.init(checker.paths)
    collect(condition, truth, checker)
  }

  private mutating func collect(_ id: NodeID, _ truth: Bool, _ checker: Checker) {
    switch checker.tree[id].kind {
    case .not(let operand): collect(operand, !truth, checker)
    case .logical(let isAnd, let operands) where isAnd == truth:
      for operand in operands { collect(operand, truth, checker) }
    case .comparison(let operation, let left, let right): compare(operation, left, right, truth, checker)
    case .has(let operand, let field):
      guard let path = checker.path(to: operand) else { return }
      if truth { note(present: paths.field(field, of: path)) } else { note(filled: path) }
    case .contains(let element, let container):
      if truth, case .list(let items) = checker.tree[container].kind, let path = checker.path(to: element) {
        let texts = items.compactMap { item -> String? in
          if case .literal(.string(let text)) = checker.tree[item].kind { text } else { nil }
        }
        if !texts.isEmpty, texts.count == items.count { note(.text(texts), of: path) }
      }
      guard truth, case .literal(.string(let key)) = checker.tree[element].kind,
        let path = checker.path(to: container)
      else { return }
      note(present: paths.field(key, of: path))
    case .call("hasValue", let target?, _):
      if truth, let path = checker.path(to: target) { note(present: path) }
    case .call("or", _?, _), .call("orValue", _?, _): break
    case .call(_, let target?, _):
      if let path = checker.path(to: target) { note(filled: path) }
    case .identifier, .select, .index:
      if let path = checker.path(to: id) { note(present: path) }
    default: break
    }
  }

  private mutating func compare(
    _ operation: ComparisonOperator, _ left: NodeID, _ right: NodeID, _ truth: Bool, _ checker: Checker
  ) {
    for (operand, other) in [(left, right), (right, left)] {
      if let path = checker.path(to: operand) {
        if isFilled(operation, truth, checker.tree[other].kind) {
          note(filled: path)
        } else {
          note(present: path)
        }
      }
      guard operation == .equal || operation == .notEqual else { continue }
      let isEqual = (operation == .equal) == truth
      if isEqual, let path = checker.path(to: operand), case .literal(.string(let text)) = checker.tree[other].kind {
        note(.text([text]), of: path)
      }
      if case .call("type", nil, let arguments) = checker.tree[operand].kind, arguments.count == 1,
        let path = checker.path(to: arguments[0]), case .identifier(let name, _) = checker.tree[other].kind,
        let type = TypeText.read(Substring(name))
      {
        if isEqual { note(type, of: path) } else { note(not: type, of: path) }
      }
    }
  }

  /// Whether an operand is not null where a comparison with another has a truth value.
  private func isFilled(_ operation: ComparisonOperator, _ truth: Bool, _ other: SyntaxTree.Kind) -> Bool {
    let isNull: Bool
    let isWritten: Bool
    switch other {
    case .literal(.null): (isNull, isWritten) = (true, true)
    case .literal, .real: (isNull, isWritten) = (false, true)
    default: (isNull, isWritten) = (false, false)
    }
    switch operation {
    case .equal: return isWritten && (isNull ? !truth : truth)
    case .notEqual: return isWritten && (isNull ? truth : !truth)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: return true
    }
  }
}
