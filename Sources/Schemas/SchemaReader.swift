import Diagnostics
import SourceText
import Values

/// Reads a tree into the rules of a document, in the order they are met: a schema that refers to itself is no matter.
struct SchemaReader {
  /// How many schemas one document may hold.
  static let maximumRules = 20_000

  private let root: SchemaTree
  private(set) var rules: [SchemaRule] = []
  private(set) var issues: [SchemaIssue] = []
  private var places: [[String]: Int] = [:]
  private var waiting: [(index: Int, tree: SchemaTree, pointer: [String])] = []
  private var anchors: [String: [String]] = [:]

  init(_ root: SchemaTree) { self.root = root }

  mutating func read() {
    findAnchors(root, [], depth: 0)
    _ = schema(root, [], keySpan: nil)
    var next = 0
    while next < waiting.count {
      let (index, tree, pointer) = waiting[next]
      rules[index] = rule(tree, pointer, at: rules[index].span)
      next += 1
    }
    refuseEndless()
  }

  /// Reports schemas that lead to more others than anybody could follow, and leads nowhere from them.
  private mutating func refuseEndless() {
    var size = SchemaSize()
    for index in rules.indices where rules[index].leadsOn && size.isTooLarge(index, rules) {
      report(
        .malformed,
        "its references, 'allOf', 'anyOf' and 'oneOf' lead to more than \(SchemaSize.maximum) schemas, one through the other",
        rules[index].span, help: "name each schema once among those that hold together")
      rules[index].reference = nil
      rules[index].allOf = []
      rules[index].anyOf = []
      rules[index].oneOf = []
    }
  }

  /// The number of the schema at a place; it is read in its turn.
  private mutating func schema(_ tree: SchemaTree, _ pointer: [String], keySpan: SourceSpan?) -> Int {
    if let known = places[pointer] { return known }
    guard rules.count < SchemaReader.maximumRules else {
      if rules.count == SchemaReader.maximumRules {
        report(.malformed, "a schema has at most \(SchemaReader.maximumRules) parts", tree.span)
        rules.append(SchemaRule(at: tree.span))
      }
      return SchemaReader.maximumRules
    }
    let index = rules.count
    places[pointer] = index
    rules.append(SchemaRule(at: keySpan ?? tree.span))
    waiting.append((index, tree, pointer))
    return index
  }

  private mutating func findAnchors(_ tree: SchemaTree, _ pointer: [String], depth: Int) {
    guard depth < 200 else { return }
    for (index, item) in (tree.items ?? []).enumerated() {
      findAnchors(item, pointer + [String(index)], depth: depth + 1)
    }
    for entry in tree.entries ?? [] {
      if entry.key == "$anchor", let name = entry.value.text { anchors[name] = pointer }
      findAnchors(entry.value, pointer + [entry.key], depth: depth + 1)
    }
  }

  mutating func report(_ kind: SchemaIssue.Kind, _ message: String, _ span: SourceSpan?, help: String? = nil) {
    guard issues.count < 100 else { return }
    issues.append(SchemaIssue(kind: kind, message: message, span: span, help: help))
  }

  // MARK: - One schema

  private mutating func rule(_ tree: SchemaTree, _ pointer: [String], at span: SourceSpan?) -> SchemaRule {
    var rule = SchemaRule(at: span)
    switch tree.content {
    case .scalar(.bool(let flag)): rule.isNever = !flag
    case .map(let entries):
      for entry in entries { read(entry, pointer + [entry.key], into: &rule) }
    default: report(.malformed, "a schema is a map, or true or false", tree.span)
    }
    return rule
  }

  private mutating func read(_ entry: SchemaTree.Entry, _ pointer: [String], into rule: inout SchemaRule) {
    let value = entry.value
    switch entry.key {
    case "type": rule.types = types(value)
    case "enum": rule.allowed = list(entry, of: "values")?.map(\.value)
    case "const": rule.constant = .some(value.value)
    case "properties":
      for property in map(entry) ?? [] {
        let index = schema(property.value, pointer + [property.key], keySpan: property.span)
        rule.places[property.key] = rule.properties.count
        rule.properties.append(.init(name: property.key, schema: index))
      }
    case "patternProperties":
      for property in map(entry) ?? [] {
        guard let pattern = pattern(property.key, property.span) else { continue }
        let index = schema(property.value, pointer + [property.key], keySpan: property.span)
        rule.patterns.append((pattern, index))
      }
    case "additionalProperties":
      rule.others =
        switch value.scalar {
        case .bool(true): .any
        case .bool(false): .none
        default: .schema(schema(value, pointer, keySpan: nil))
        }
    case "required":
      for name in list(entry, of: "names") ?? [] {
        guard let text = name.text else {
          report(.malformed, "'required' takes a list of names", name.span)
          continue
        }
        rule.required.append(.init(name: text, span: name.span))
      }
    case "items":
      // An older version had a list here.
      if value.items != nil {
        report(.malformed, "'items' takes one schema", entry.span ?? value.span, help: "write prefixItems")
      } else {
        rule.items = schema(value, pointer, keySpan: nil)
      }
    case "prefixItems": rule.prefixItems = schemas(entry, pointer)
    case "allOf": rule.allOf = schemas(entry, pointer)
    case "anyOf": rule.anyOf = schemas(entry, pointer)
    case "oneOf": rule.oneOf = schemas(entry, pointer)
    case "$ref": rule.reference = reference(value)
    case "$defs", "definitions":
      for definition in map(entry) ?? [] {
        _ = schema(definition.value, pointer + [definition.key], keySpan: definition.span)
      }
    case "title": rule.title = value.text
    case "description": rule.description = value.text
    case "format": rule.format = value.text
    case "deprecated": rule.deprecated = value.scalar?.boolValue ?? false
    default:
      if !readBound(entry, into: &rule.bounds) { readRest(entry, pointer, into: &rule) }
    }
  }

  private mutating func readRest(_ entry: SchemaTree.Entry, _ pointer: [String], into rule: inout SchemaRule) {
    let key = entry.key
    if SchemaKeywords.opening.contains(key) { rule.isOpen = true }
    if let help = SchemaKeywords.unsupported[key] {
      report(.unsupported, "'\(key)' is not checked with", entry.span, help: help)
    } else if key == "$schema", let version = entry.value.text, !version.contains("2020-12") {
      report(.unsupported, "schemas are read as those of JSON Schema 2020-12", entry.value.span)
    } else if key == "$id", pointer.count > 1 {
      report(.unsupported, "'$id' within a schema is not followed", entry.span, help: "refer to it by its place")
    } else if !SchemaKeywords.annotations.contains(key), !SchemaKeywords.understood.contains(key), !key.hasPrefix("x-")
    {
      let near =
        SchemaKeywords.foreign[key] ?? didYouMean(key, among: SchemaKeywords.all).map { "did you mean '\($0)'?" }
      // A word of one's own is an annotation, as 2020-12 has it; one that nearly is a keyword was meant to be it.
      if let near { report(.unknownKeyword, "'\(key)' is no keyword of JSON Schema", entry.span, help: near) }
    }
  }
}

// MARK: - Values of keywords

extension SchemaReader {
  private mutating func types(_ value: SchemaTree) -> Set<SchemaType>? {
    var found: Set<SchemaType> = []
    for item in value.items ?? [value] {
      // YAML reads a plain null as the value, and there is only one type it can mean.
      let word = item.text ?? (item.scalar?.isNull == true ? "null" : nil)
      guard let word, let type = SchemaType(rawValue: word) else {
        let names = SchemaType.allCases.map(\.rawValue)
        let near = word.flatMap { didYouMean($0, among: names) }.map { "did you mean '\($0)'?" }
        report(
          .malformed, word.map { "there is no type '\($0)'" } ?? "'type' takes the name of a type, or a list of them",
          item.span, help: near ?? "types are \(names.joined(separator: ", "))")
        return nil
      }
      found.insert(type)
    }
    return found.isEmpty ? nil : found
  }

  private mutating func list(_ entry: SchemaTree.Entry, of what: String) -> [SchemaTree]? {
    if let items = entry.value.items { return items }
    report(.malformed, "'\(entry.key)' takes a list of \(what)", entry.value.span)
    return nil
  }

  private mutating func map(_ entry: SchemaTree.Entry) -> [SchemaTree.Entry]? {
    if let entries = entry.value.entries { return entries }
    report(.malformed, "'\(entry.key)' takes a map of schemas by name", entry.value.span)
    return nil
  }

  private mutating func schemas(_ entry: SchemaTree.Entry, _ pointer: [String]) -> [Int] {
    (list(entry, of: "schemas") ?? []).enumerated().map { index, tree in
      schema(tree, pointer + [String(index)], keySpan: nil)
    }
  }

  private mutating func pattern(_ source: String, _ span: SourceSpan?) -> SchemaPattern? {
    if let pattern = SchemaPattern(source) { return pattern }
    report(
      .malformed, "'\(source)' is no regular expression this program knows", span,
      help: "write it as RE2 has them: without backreferences and without looking ahead or behind")
    return nil
  }

  /// The number of the schema that a reference leads to.
  private mutating func reference(_ value: SchemaTree) -> Int? {
    guard let text = value.text else {
      report(.malformed, "'$ref' takes a text: #/$defs/NAME", value.span)
      return nil
    }
    guard text.hasPrefix("#") else {
      report(
        .unsupported, "'\(text)' leads out of the schema and is not followed", value.span,
        help: "put what it leads to under '$defs', and write #/$defs/NAME")
      return nil
    }
    let fragment = text.dropFirst()
    let pointer: [String]?
    if fragment.isEmpty {
      pointer = []
    } else if fragment.hasPrefix("/") {
      pointer = fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { token in
        String(token).replacing("%25", with: "%").replacing("~1", with: "/").replacing("~0", with: "~")
      }
    } else {
      pointer = anchors[String(fragment)]
    }
    guard let pointer, let (tree, span) = root.part(at: pointer) else {
      let names = (root.part(at: ["$defs"])?.tree.entries ?? []).map { "#/$defs/\($0.key)" }
      report(
        .malformed, "'\(text)' leads to nothing in this schema", value.span,
        help: didYouMean(text, among: names).map { "did you mean '\($0)'?" })
      return nil
    }
    return schema(tree, pointer, keySpan: span)
  }

  /// Reads a keyword that bounds a value; false where it is none.
  private mutating func readBound(_ entry: SchemaTree.Entry, into bounds: inout SchemaRule.Bounds) -> Bool {
    switch entry.key {
    case "minimum": bounds.minimum = number(entry)
    case "maximum": bounds.maximum = number(entry)
    case "exclusiveMinimum": bounds.exclusiveMinimum = number(entry)
    case "exclusiveMaximum": bounds.exclusiveMaximum = number(entry)
    case "multipleOf": bounds.multipleOf = number(entry)
    case "minLength": bounds.minLength = count(entry)
    case "maxLength": bounds.maxLength = count(entry)
    case "minItems": bounds.minItems = count(entry)
    case "maxItems": bounds.maxItems = count(entry)
    case "minProperties": bounds.minProperties = count(entry)
    case "maxProperties": bounds.maxProperties = count(entry)
    case "uniqueItems": bounds.uniqueItems = entry.value.scalar?.boolValue ?? false
    case "pattern":
      if let source = entry.value.text {
        bounds.pattern = pattern(source, entry.value.span)
      } else {
        report(.malformed, "'pattern' takes a regular expression as a text", entry.value.span)
      }
    default: return false
    }
    return true
  }

  private mutating func number(_ entry: SchemaTree.Entry) -> Value? {
    if let value = entry.value.scalar, value.isNumber { return value }
    report(.malformed, "'\(entry.key)' takes a number", entry.value.span)
    return nil
  }

  private mutating func count(_ entry: SchemaTree.Entry) -> Int64? {
    if let number = entry.value.scalar?.intValue, number >= 0 { return number }
    report(.malformed, "'\(entry.key)' takes a whole number from 0", entry.value.span)
    return nil
  }
}
