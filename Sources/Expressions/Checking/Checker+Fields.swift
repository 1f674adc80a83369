import Values

extension Checker {
  mutating func select(_ id: NodeID, _ operand: NodeID, _ field: String) {
    if let (name, isAbsolute) = qualifiedName(id), let reference = resolve(name, isAbsolute) {
      refer(id, to: reference)
      return
    }
    visit(operand)
    read(id, operand, field)
  }

  mutating func index(_ id: NodeID, _ operand: NodeID, _ key: NodeID) {
    if tree.binding(id, operand, key) != nil { bindings.insert(operand) }
    visit(operand)
    visit(key)
    if case .literal(.string(let field)) = tree[key].kind, !types[operand].members.contains(where: \.isList) {
      read(id, operand, field)
      return
    }
    let results = each(of: operand, "has no elements") { type in
      switch type {
      case .list(let element): element
      case .map(_, let value): value
      case .record(let record): record.valueType
      case .optional(.list(let element)): .optional(element)
      case .optional(.map(_, let value)): .optional(value)
      case .optional: .optional(.dyn)
      default: nil
      }
    }
    guard let result = results else { return }
    for case .list in types[operand].members {
      _ = demand(key, .union(of: [.int, .uint, .double, .decimal]), "is no index of a list; indexes are whole numbers")
    }
    settle(id, operand, result)
  }

  /// The value of a field of an operand that was visited.
  private mutating func read(_ id: NodeID, _ operand: NodeID, _ field: String) {
    let path = path(to: operand).map { paths.field(field, of: $0) }
    keep(id, at: path)
    let isThere = path.map { facts.present.contains($0) } ?? false
    guard let result = fieldType(id, operand, field, isThere: isThere) else { return }
    settle(id, operand, path.map { facts.narrowed(result, at: $0) } ?? result)
  }

  /// Keeps the type of a part of an operand; where nothing is known of the operand, the part says so for both.
  private mutating func settle(_ id: NodeID, _ operand: NodeID, _ type: ExpressionType) {
    if types[operand] == .dyn { forget(operand) }
    know(id, type)
  }

  /// What is known of a field; nil where it was reported that there is none.
  ///
  /// - Parameter isThere: whether it need not be doubted that the field is there.
  private mutating func fieldType(
    _ id: NodeID, _ operand: NodeID, _ field: String, isThere: Bool
  ) -> ExpressionType? {
    var missing: (record: RecordType, allowsNull: Bool)?
    var unknown: RecordType?
    let result = each(of: operand, "has no fields; '\(field)' cannot be read") { type in
      switch type {
      case .map(_, let value): return value
      case .record(let record), .optional(.record(let record)):
        guard let found = record.field(field) else {
          guard let others = record.others else {
            unknown = record
            return .dyn
          }
          return type.isOptional ? .optional(others) : others
        }
        if !found.isRequired { missing = (record, found.type.members.contains(.null)) }
        return type.isOptional ? .optional(found.type) : found.type
      case .optional(.map(_, let value)): return .optional(value)
      case .optional: return .optional(.dyn)
      default: return nil
      }
    }
    if let unknown {
      report { $0.unknownField(field, unknown, at: $0.tree[id].range) }
      return nil
    }
    if let missing, !isThere, !types[operand].members.contains(where: \.isOptional) {
      let owner = Checker.owner(missing.record)
      doubt(
        missing.allowsNull
          ? ExpressionIssue(
            "'\(field)' need not be there\(owner), and may be null", kind: .possiblyMissing, at: tree[id].range,
            help: "write has(x.\(field)) && x.\(field) != null ? x.\(field) : ...")
          : ExpressionIssue(
            "'\(field)' need not be there\(owner)", kind: .possiblyMissing, at: tree[id].range,
            help: "write x.?\(field).orValue(...), or ask has(x.\(field)) first"))
    }
    return result
  }

  private static func owner(_ record: RecordType) -> String { record.name.isEmpty ? "" : " in \(record.name)" }

  private func unknownField(_ field: String, _ record: RecordType, at range: Range<Int>) -> ExpressionIssue {
    ExpressionIssue(
      "unknown field '\(field)'" + Checker.owner(record), kind: .unknownField, at: range,
      help: Suggestion.help(for: field, among: record.names, noun: "fields"))
  }

  mutating func has(_ id: NodeID, _ operand: NodeID, _ field: String) {
    visit(operand)
    types[id] = .bool
    _ = fieldType(id, operand, field, isThere: true)
  }

  /// `a.?b` and `a[?k]`.
  mutating func optionalEntry(_ id: NodeID, _ operand: NodeID, _ key: NodeID) {
    visit(operand)
    visit(key)
    if types[operand] == .dyn { forget(operand) }
    var result: ExpressionType?
    if case .literal(.string(let field)) = tree[key].kind, !types[operand].members.contains(where: \.isList) {
      result = fieldType(id, operand, field, isThere: true)
      let path = path(to: operand).map { paths.field(field, of: $0) }
      keep(id, at: path)
      if let path, let type = result { result = facts.narrowed(type, at: path) }
    } else {
      result = each(of: operand, "has no entries") { type in
        switch type {
        case .list(let element), .optional(.list(let element)): element
        case .map(_, let value), .optional(.map(_, let value)): value
        case .record(let record), .optional(.record(let record)): record.valueType
        case .optional: .dyn
        default: nil
        }
      }
    }
    guard let result else {
      types[id] = .optional(.dyn)
      return
    }
    types[id] = result.isOptional ? result : .optional(result)
    if types[id] == .optional(.dyn) { mark(id) }
  }
}

extension ExpressionType {
  var isOptional: Bool { if case .optional = self { true } else { false } }
  var isList: Bool { if case .list = self { true } else { false } }
}
