import Diagnostics
import Expressions
public import Values

extension Schema {
  /// What in a value is not as the schema says, at most `limit` things.
  ///
  /// - Parameter isClosed: whether a field the schema does not declare is one of them; see ``SchemaShape/others``.
  public func problems(in value: Value, isClosed: Bool = false, limit: Int = 20) -> [SchemaProblem] {
    var validator = SchemaValidator(document: document, isClosed: isClosed, limit: limit)
    for rule in rules { validator.check(value, rule, "", depth: 0) }
    if isClosed { validator.findUnknown(value, self, "", depth: 0) }
    return validator.problems
  }
}

/// Checks a value against rules, keyword by keyword.
struct SchemaValidator {
  /// How many rules may be asked for one value.
  private static let budget = 5_000_000
  private static let maximumDepth = 500

  let document: SchemaDocument
  let isClosed: Bool
  let limit: Int
  private(set) var problems: [SchemaProblem] = []
  private var spent = 0

  init(document: SchemaDocument, isClosed: Bool, limit: Int) {
    self.document = document
    self.isClosed = isClosed
    self.limit = limit
  }

  private mutating func report(
    _ kind: SchemaProblem.Kind, _ path: String, _ message: String, _ rule: Int, help: String? = nil
  ) {
    guard problems.count < limit else { return }
    problems.append(SchemaProblem(kind, path, message, Schema(document: document, rules: [rule]), help: help))
  }

  mutating func check(_ value: Value, _ index: Int, _ path: String, depth: Int) {
    spent += 1
    guard problems.count < limit, depth < Self.maximumDepth, spent < Self.budget else { return }
    let rule = document.rules[index]
    if rule.isNever { return report(.unknownField, path, "nothing may be here", index) }
    if let types = rule.types, !types.contains(where: { $0.holds(value) }) {
      let shape = SchemaShape(document: document, rules: [index])
      return report(.wrongType, path, "\(shape.typeNoun) is expected, not \(described(value))", index)
    }
    if let constant = rule.constant, !isSame(value, constant) {
      return report(.notAllowed, path, "\(shown(constant)) is expected, not \(shown(value))", index)
    }
    if let allowed = rule.allowed, !allowed.contains(where: { isSame(value, $0) }) {
      let names = allowed.compactMap(\.stringValue)
      return report(
        .notAllowed, path, "\(shown(value)) is not \(SchemaShape(document: document, rules: [index]).noun)", index,
        help: value.stringValue.flatMap { didYouMean($0, among: names) }.map { "did you mean '\($0)'?" })
    }
    checkBounds(value, rule.bounds, index, path)
    if case .map(let map) = value { checkFields(map, rule, index, path, depth) }
    if case .list(let items) = value { checkItems(items, rule, path, depth) }
    if let reference = rule.reference { check(value, reference, path, depth: depth + 1) }
    for part in rule.allOf { check(value, part, path, depth: depth + 1) }
    if !rule.anyOf.isEmpty { choose(value, rule.anyOf, index, path, isOne: false, depth) }
    if !rule.oneOf.isEmpty { choose(value, rule.oneOf, index, path, isOne: true, depth) }
  }

  // MARK: - Choices

  private mutating func choose(
    _ value: Value, _ choices: [Int], _ index: Int, _ path: String, isOne: Bool, _ depth: Int
  ) {
    var trials: [SchemaValidator] = []
    var fitting = 0
    for choice in choices {
      var trial = SchemaValidator(document: document, isClosed: isClosed, limit: limit)
      trial.spent = spent
      trial.check(value, choice, path, depth: depth + 1)
      spent = trial.spent
      if trial.problems.isEmpty {
        if !isOne { return }
        fitting += 1
      }
      trials.append(trial)
    }
    if fitting == 1 { return }
    if fitting > 1 { return report(.possibleMismatch, path, "it is several of 'oneOf' at once", index) }
    // What is nearest says best what is wrong: of the right type, with the fewest problems.
    let nearest = trials.min { distance($0, path) < distance($1, path) }
    for problem in nearest?.problems ?? [] where problems.count < limit { problems.append(problem) }
  }

  private func distance(_ trial: SchemaValidator, _ path: String) -> Int {
    let isOther = trial.problems.contains { $0.path == path && [.wrongType, .notAllowed].contains($0.kind) }
    return trial.problems.count + (isOther ? 1_000 : 0)
  }

  // MARK: - Maps and lists

  private mutating func checkFields(_ map: ValueMap, _ rule: SchemaRule, _ index: Int, _ path: String, _ depth: Int) {
    for required in rule.required where map[required.name] == nil {
      let schema = rule.places[required.name].map { rule.properties[$0].schema } ?? index
      report(.missingField, path, "'\(required.name)' is missing", schema)
    }
    for (key, value) in map.entries {
      let name = key.value.stringValue ?? key.value.json()
      let place = joined(path, name)
      var isKnown = false
      if let property = rule.places[name] {
        isKnown = true
        check(value, rule.properties[property].schema, place, depth: depth + 1)
      }
      for (pattern, schema) in rule.patterns where pattern.matches(name) != false {
        isKnown = true
        check(value, schema, place, depth: depth + 1)
      }
      guard !isKnown else { continue }
      switch rule.others {
      case .unsaid, .any: break
      case .schema(let schema): check(value, schema, place, depth: depth + 1)
      // Where undeclared fields are looked for by themselves, they are told once.
      case .none: if !isClosed { report(.unknownField, path, "there is no field '\(name)'", index) }
      }
    }
  }

  private mutating func checkItems(_ items: [Value], _ rule: SchemaRule, _ path: String, _ depth: Int) {
    for (place, item) in items.enumerated() {
      let schema = place < rule.prefixItems.count ? rule.prefixItems[place] : rule.items
      if let schema { check(item, schema, "\(path)[\(place)]", depth: depth + 1) }
    }
  }

  /// Finds the fields that no rule of a schema declares.
  mutating func findUnknown(_ value: Value, _ schema: Schema, _ path: String, depth: Int) {
    guard problems.count < limit, depth < Self.maximumDepth else { return }
    let shapes = schema.shapes
    if shapes.contains(where: \.isUnconstrained) { return }
    if case .list(let items) = value {
      for (place, item) in items.enumerated() {
        guard let element = shapes.lazy.compactMap({ $0.item(at: place) }).first else { continue }
        findUnknown(item, element, "\(path)[\(place)]", depth: depth + 1)
      }
    }
    guard case .map(let map) = value, let shape = nearest(shapes, map) else { return }
    for (key, value) in map.entries {
      let name = key.value.stringValue ?? key.value.json()
      if let field = shape.field(name) {
        findUnknown(value, field, joined(path, name), depth: depth + 1)
      } else if problems.count < limit {
        problems.append(unknownField(name, shape, schema, path))
      }
    }
  }

  /// The shape with the fewest fields too much or too few.
  private func nearest(_ shapes: [SchemaShape], _ map: ValueMap) -> SchemaShape? {
    let maps = shapes.filter { $0.types.contains(.object) }
    if maps.count < 2 { return maps.first }
    let keys = map.keys.compactMap(\.value.stringValue)
    func distance(_ shape: SchemaShape) -> Int {
      let fields = keys.reduce(0) { count, key in
        guard let field = shape.field(key) else { return count + 1 }
        let isOther = field.shapes.allSatisfy { shape in shape.values.map { !$0.contains(map[key] ?? .null) } ?? false }
        return count + (isOther ? 100 : 0)
      }
      return fields + shape.required.count { map[$0] == nil }
    }
    return maps.min { distance($0) < distance($1) }
  }

  // MARK: - Bounds

  private mutating func checkBounds(_ value: Value, _ bounds: SchemaRule.Bounds, _ index: Int, _ path: String) {
    if value.isNumber { checkNumber(value, bounds, index, path) }
    if SchemaType(of: value) == .string, let text = ExpressionText.text(of: value) {
      checkText(text, bounds, index, path)
    }
    if case .list(let items) = value {
      checkCount(items.count, bounds.minItems, bounds.maxItems, "element", index, path)
      if bounds.uniqueItems, Set(items).count != items.count {
        report(.outOfBounds, path, "no two elements may be equal", index)
      }
    }
    if case .map(let map) = value {
      checkCount(map.count, bounds.minProperties, bounds.maxProperties, "field", index, path)
    }
  }

  private mutating func checkText(_ text: String, _ bounds: SchemaRule.Bounds, _ index: Int, _ path: String) {
    if bounds.minLength != nil || bounds.maxLength != nil {
      checkCount(text.unicodeScalars.count, bounds.minLength, bounds.maxLength, "character", index, path)
    }
    if let pattern = bounds.pattern, pattern.matches(text) == false {
      report(.outOfBounds, path, "\(shown(.string(text))) does not match \(pattern.source)", index)
    }
  }

  private mutating func checkCount(
    _ count: Int, _ least: Int64?, _ most: Int64?, _ noun: String, _ index: Int, _ path: String
  ) {
    func words(_ number: Int64) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    if let least, count < least {
      report(.outOfBounds, path, "at least \(words(least)) \(least == 1 ? "is" : "are") expected, not \(count)", index)
    }
    if let most, count > most {
      report(.outOfBounds, path, "at most \(words(most)) \(most == 1 ? "is" : "are") taken, not \(count)", index)
    }
  }

  private mutating func checkNumber(_ value: Value, _ bounds: SchemaRule.Bounds, _ index: Int, _ path: String) {
    func stands(_ bound: Value?, _ orders: [NumericOrder]) -> Bool {
      bound.flatMap { Value.compareNumbers(value, $0) }.map { orders.contains($0) } ?? false
    }
    func tell(_ words: String, _ bound: Value?) -> String {
      "\(words) \(bound?.json() ?? "") is expected, not \(shown(value))"
    }
    if stands(bounds.minimum, [.less]) { report(.outOfBounds, path, tell("at least", bounds.minimum), index) }
    if stands(bounds.maximum, [.greater]) { report(.outOfBounds, path, tell("at most", bounds.maximum), index) }
    if stands(bounds.exclusiveMinimum, [.less, .equal]) {
      report(.outOfBounds, path, tell("more than", bounds.exclusiveMinimum), index)
    }
    if stands(bounds.exclusiveMaximum, [.greater, .equal]) {
      report(.outOfBounds, path, tell("less than", bounds.exclusiveMaximum), index)
    }
    if let step = bounds.multipleOf, isMultiple(value, of: step) == false {
      report(.outOfBounds, path, tell("a multiple of", step), index)
    }
  }

  /// Nil where the numbers are too long to tell.
  private func isMultiple(_ value: Value, of step: Value) -> Bool? {
    guard let number = value.exact, let step = step.exact, !step.isZero else { return nil }
    do throws(DecimalError) {
      return try number.divided(by: step).rounded(places: 0).multiplying(by: step) == number
    } catch {
      return nil
    }
  }

  // MARK: - Words

  private func isSame(_ value: Value, _ wanted: Value) -> Bool {
    if value == wanted { return true }
    // A time is written as a text.
    guard case .string(let text) = wanted, value.stringValue == nil else { return false }
    return SchemaType(of: value) == .string && ExpressionText.text(of: value) == text
  }
}

func joined(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

/// A value in a message.
func shown(_ value: Value) -> String {
  let text = value.stringValue.map { "'\($0)'" } ?? value.json()
  return text.count <= 60 ? text : text.prefix(59) + "…"
}

/// A value in a message that tells its type.
private func described(_ value: Value) -> String {
  switch value {
  case .list: "a list"
  case .map: "a map"
  case .null: "null"
  case .bool: shown(value)
  case .string: "the text \(shown(value))"
  default: value.isNumber ? "the number \(value.json())" : "a text"
  }
}

func unknownField(_ name: String, _ shape: SchemaShape, _ schema: Schema, _ path: String) -> SchemaProblem {
  SchemaProblem(.unknownField, path, "there is no field '\(name)'", schema, help: shape.help(forUnknown: name).text)
}

extension SchemaShape {
  /// What to say of a field there is none of: the one that is nearly called so, else which there are.
  public func help(forUnknown name: String) -> (text: String?, nearest: String?) {
    let names = propertyNames
    if let near = didYouMean(name, among: names) { return ("did you mean '\(near)'?", near) }
    let list = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", ..." : "")
    return (names.isEmpty ? nil : "there is \(list)", nil)
  }
}

extension Value {
  /// A number as a decimal; nil for what is none.
  fileprivate var exact: Decimal? {
    switch self {
    case .int(let number): Decimal(number)
    case .uint(let number): Decimal(number)
    case .decimal(let number): number
    case .double(let number): Decimal(shortest: number)
    default: nil
    }
  }
}

extension SchemaShape {
  /// The types in a sentence, whatever values are counted up.
  var typeNoun: String {
    var kinds = SchemaType.allCases.filter { types.contains($0) && $0 != .null }
    if kinds.contains(.number) { kinds.removeAll { $0 == .integer } }
    let words = kinds.map(\.noun) + (types.contains(.null) ? ["null"] : [])
    return words.isEmpty ? "nothing" : alternatives(words)
  }
}
