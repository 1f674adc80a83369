public import Expressions
import Values

extension Schema {
  /// What values of a type have that the schema does not take, or lack that it wants.
  ///
  /// What nothing is known of has no problem; what goes wrong only with some values is a doubt.
  public func misfits(of type: ExpressionType) -> [SchemaProblem] {
    var fit = SchemaFit()
    return fit.problems(type, self, "")
  }
}

/// Compares types with schemas.
private struct SchemaFit {
  private var budget = 50_000

  mutating func problems(_ type: ExpressionType, _ schema: Schema, _ path: String) -> [SchemaProblem] {
    budget -= 1
    guard budget > 0, !type.isDynamic else { return [] }
    let shapes = schema.shapes
    if shapes.isEmpty || shapes.contains(where: \.isUnconstrained) { return [] }
    let members = type.jsonMembers
    let fits = members.map { (member: $0, problems: best($0, shapes, schema, path)) }
    let others = fits.filter { $0.problems.contains { $0.isWrongType(at: path) } }
    if others.count == fits.count {
      let help = fits.count == 1 ? fits[0].problems.lazy.compactMap(\.help).first : nil
      return [wrongType(type, schema, path, help)]
    }
    var found: [SchemaProblem] = []
    for fit in fits {
      if fit.problems.contains(where: { $0.isWrongType(at: path) }) {
        found.append(doubt(fit.member, schema, path))
      } else {
        // What is so for one of several types is so only for some values.
        let isPartial = fits.count > 1
        found += fit.problems.map { problem in
          SchemaProblem(
            problem.kind, problem.path, problem.message, problem.schema, help: problem.help,
            isPartial: problem.isPartial || isPartial)
        }
      }
    }
    return found
  }

  private func wrongType(
    _ type: ExpressionType, _ schema: Schema, _ path: String, _ help: String?
  ) -> SchemaProblem {
    SchemaProblem(.wrongType, path, "\(schema.noun) is expected, not \(type.words)", schema, help: help)
  }

  private func doubt(_ member: ExpressionType, _ schema: Schema, _ path: String) -> SchemaProblem {
    if member == .null {
      return SchemaProblem(
        .possibleNull, path, "it may be null, where \(schema.noun) is expected", schema,
        help: "say what to write then: x == null ? \"...\" : x")
    }
    return SchemaProblem(
      .possibleMismatch, path, "it may be \(member.words), where \(schema.noun) is expected", schema)
  }

  /// The problems with the shape that fits best.
  private mutating func best(
    _ member: ExpressionType, _ shapes: [SchemaShape], _ schema: Schema, _ path: String
  ) -> [SchemaProblem] {
    if let values = member.strings { return problems(values, of: member, shapes, schema, path) }
    var best: (weight: Int, problems: [SchemaProblem])?
    for shape in shapes {
      let found = problems(member, shape, schema, path)
      let weight = found.reduce(0) { $0 + ($1.isWrongType(at: path) ? 10_000 : $1.isDoubt ? 1 : 100) }
      if weight == 0 { return [] }
      if best == nil || weight < best?.weight ?? 0 { best = (weight, found) }
    }
    return best?.problems ?? []
  }

  private mutating func problems(
    _ member: ExpressionType, _ shape: SchemaShape, _ schema: Schema, _ path: String
  ) -> [SchemaProblem] {
    func wants(_ types: SchemaType...) -> [SchemaProblem] {
      types.contains { shape.types.contains($0) } ? [] : [wrongType(member, schema, path, help(member, shape))]
    }
    switch member {
    case .dyn, .parameter: return []
    case .null: return wants(.null)
    case .bool: return wants(.boolean)
    case .int, .uint: return wants(.integer, .number)
    case .decimal:
      if shape.types.contains(.number) || !shape.types.contains(.integer) { return wants(.number) }
      return [
        SchemaProblem(
          .lossy, path, "a number that may have a fraction goes where a whole number is expected", schema,
          help: "say how it is rounded: int(round(x, 0))")
      ]
    case .double:
      if wants(.number, .integer).isEmpty {
        return [
          SchemaProblem(
            .lossy, path, "a double is a binary fraction, and may be written with digits nobody meant", schema,
            help: "calculate with decimals: decimal(x)")
        ]
      }
      return wants(.number)
    case .string, .enumeration, .text, .bytes, .duration, .type: return wants(.string)
    case .timestamp:
      if shape.types.contains(.string), shape.format == "date" {
        return [
          SchemaProblem(
            .possibleMismatch, path, "a timestamp is written as date and time, where a date is expected", schema,
            help: "write x.format(\"yyyy-MM-dd\", \"ZONE\")")
        ]
      }
      return wants(.string)
    case .list(let element): return wants(.array) + elements(element, shape, path)
    case .map(_, let value): return wants(.object) + values(value, shape, path)
    case .record(let record):
      return shape.types.contains(.object) ? fields(record, shape, schema, path) : wants(.object)
    case .optional, .union: return []
    }
  }

  private func help(_ member: ExpressionType, _ shape: SchemaShape) -> String? {
    switch member {
    case .int, .uint, .decimal, .double, .bool: shape.types.contains(.string) ? "write it as a text: string(x)" : nil
    case .string, .enumeration, .text:
      shape.types.contains(.number)
        ? "make a number of it: decimal(x)" : shape.types.contains(.integer) ? "make a number of it: int(x)" : nil
    default: nil
    }
  }

  private mutating func elements(_ element: ExpressionType, _ shape: SchemaShape, _ path: String) -> [SchemaProblem] {
    guard shape.types.contains(.array), !shape.hasOpenItems else { return [] }
    let schemas = shape.itemSchemas.filter { !$0.shapes.isEmpty }
    if schemas.count == 1 { return problems(element, schemas[0], path + "[]") }
    // Which element stands where is not known: each must have a place it may stand at.
    var found: [SchemaProblem] = []
    for member in element.jsonMembers {
      let trials = schemas.map { problems(member, $0, path + "[]") }
      if !trials.contains(where: \.isEmpty), let best = trials.min(by: { $0.count < $1.count }) { found += best }
    }
    return found
  }

  private mutating func values(_ value: ExpressionType, _ shape: SchemaShape, _ path: String) -> [SchemaProblem] {
    guard shape.types.contains(.object), case .schema(let schema) = shape.others else { return [] }
    return problems(value, schema, path + "[]")
  }

  private mutating func fields(
    _ record: RecordType, _ shape: SchemaShape, _ schema: Schema, _ path: String
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    for field in record.fields {
      if let wanted = shape.field(field.name) {
        found += problems(field.type, wanted, joined(path, field.name))
      } else {
        found.append(unknownField(field.name, shape, schema, path))
      }
    }
    for name in shape.required {
      let wanted = shape.property(name) ?? schema
      if let field = record.field(name) {
        if !field.isRequired {
          found.append(SchemaProblem(.possiblyMissing, path, "'\(name)' may be missing", wanted))
        }
      } else if record.others == nil {
        found.append(SchemaProblem(.missingField, path, "'\(name)' is missing", wanted, help: wanted.summary))
      }
    }
    return found
  }

  /// The texts that are not taken: all of an enumeration is a mistake, as is any that is written out, some are a doubt.
  private func problems(
    _ values: [String], of type: ExpressionType, _ shapes: [SchemaShape], _ schema: Schema, _ path: String
  ) -> [SchemaProblem] {
    guard shapes.contains(where: { $0.types.contains(.string) }) else {
      let help = shapes.lazy.compactMap { self.help(.string, $0) }.first
      return [wrongType(.string, schema, path, help)]
    }
    let refused = values.prefix(500).compactMap { value in
      schema.problems(in: .string(value), limit: 1).first.map { (value, $0) }
    }
    guard let first = refused.first else { return [] }
    let names = refused.prefix(6).map { "'\($0.0)'" }.joined(separator: ", ") + (refused.count > 6 ? ", ..." : "")
    let isAll = refused.count == values.count
    let isWritten = if case .text = type { true } else { false }
    let message =
      isAll
      ? values.count == 1 ? first.1.message : "it is one of \(names), where \(schema.noun) is expected"
      : "it may be \(names), where \(schema.noun) is expected"
    return [
      SchemaProblem(
        first.1.kind, path, message, first.1.schema, help: first.1.help,
        isPartial: !isAll && !isWritten)
    ]
  }
}

extension SchemaProblem {
  fileprivate func isWrongType(at place: String) -> Bool { kind == .wrongType && path == place }
}

extension ExpressionType {
  /// The types of what is written as JSON: an optional is what it holds, or null.
  fileprivate var jsonMembers: [ExpressionType] {
    let all = members.flatMap { member -> [ExpressionType] in
      if case .optional(let inner) = member { inner.jsonMembers + [.null] } else { [member] }
    }
    var unique: [ExpressionType] = []
    for member in all where !unique.contains(member) { unique.append(member) }
    return unique
  }

  /// The type in a sentence, with its article.
  var words: String {
    switch self {
    case .null, .dyn: return description
    case .record, .map: return "a map"
    case .list: return "a list"
    case .optional(let inner): return inner.orNull.words
    case .union(let members) where self != .number:
      return alternatives(members.map(\.words))
    case .enumeration, .text, .string: return "a text"
    case .bool: return "true or false"
    case .int, .uint: return "a whole number"
    case .decimal: return "a decimal"
    default: return "aeio".contains(description.prefix(1)) ? "an \(description)" : "a \(description)"
    }
  }
}
