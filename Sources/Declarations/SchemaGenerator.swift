public import Values

/// JSON Schemas (2020-12) of the kinds, for editors: made from the same specifications the compiler checks against.
///
/// They say what may be written in one document by itself. What is inherited is known to the compiler alone, so a field that
/// must be there is only demanded where a document extends nothing.
public enum SchemaGenerator {
  /// The schema of the documents of a kind.
  public static func schema(of kind: ResourceKind) -> Value {
    map(
      [
        ("$schema", "https://json-schema.org/draft/2020-12/schema"),
        ("title", .string(kind.rawValue)), ("description", .string(kind.spec.summary)),
      ] + document(kind))
  }

  /// The schema of a document of any kind.
  public static func anyKind() -> Value {
    map([
      ("$schema", "https://json-schema.org/draft/2020-12/schema"),
      ("title", "datahub"), ("description", "A document of any kind."), ("type", "object"),
      ("required", ["apiVersion", "kind", "metadata"]),
      ("properties", map([("kind", map([("enum", .list(ResourceKind.allCases.map { .string($0.rawValue) }))]))])),
      (
        "allOf",
        .list(
          ResourceKind.allCases.map { kind in
            map([
              ("if", map([("properties", map([("kind", map([("const", .string(kind.rawValue))]))]))])),
              ("then", map([("$ref", .string(fileName(of: kind)))])),
            ])
          })
      ),
    ])
  }

  /// The files of all schemas, by name.
  public static func files() -> [(name: String, schema: Value)] {
    [("datahub.json", anyKind())] + ResourceKind.allCases.map { (fileName(of: $0), schema(of: $0)) }
  }

  /// `standard-api.json`.
  public static func fileName(of kind: ResourceKind) -> String {
    kind.noun.lowercased().replacing(" ", with: "-") + ".json"
  }

  private static func document(_ kind: ResourceKind) -> [(String, Value)] {
    let envelope = ObjectSpec.envelope.fields.map { field -> (String, Value) in
      switch field.name {
      case "apiVersion": (field.name, map([("const", "datahub/v1"), ("description", .string(field.summary))]))
      case "kind": (field.name, map([("const", .string(kind.rawValue)), ("description", .string(field.summary))]))
      case "spec": (field.name, object(kind.spec, isWhole: false))
      default: (field.name, schema(of: field, isWhole: field.name == "metadata"))
      }
    }
    let required = kind.spec.fields.filter(\.isRequired).map { Value.string($0.name) }
    let whole = map([
      ("required", ["spec"]), ("properties", map([("spec", map([("required", .list(required))]))])),
    ])
    let standsAlone = map([("not", map([("anyOf", [map([("required", ["extends"])]), isAbstract])]))])
    var fields: [(String, Value)] = [
      ("type", "object"), ("properties", map(envelope)), ("required", ["apiVersion", "kind", "metadata"]),
      ("additionalProperties", false),
    ]
    if !required.isEmpty { fields += [("if", standsAlone), ("then", whole)] }
    return fields
  }

  private static let isAbstract = map([
    ("required", ["abstract"]), ("properties", map([("abstract", map([("const", true)]))])),
  ])

  private static func object(_ spec: ObjectSpec, isWhole: Bool) -> Value {
    var fields: [(String, Value)] = [("type", ["object", "null"])]
    if !spec.summary.isEmpty { fields.append(("description", .string(spec.summary))) }
    fields.append(("properties", map(spec.fields.map { ($0.name, schema(of: $0, isWhole: isWhole)) })))
    let required = spec.fields.filter { $0.isRequired && $0.substitute == nil }.map { Value.string($0.name) }
    if isWhole, !required.isEmpty { fields.append(("required", .list(required))) }
    let replaceable = spec.fields.filter { $0.isRequired && $0.substitute != nil }
    if isWhole, !replaceable.isEmpty {
      let choices = replaceable.map { field -> Value in
        map([("anyOf", .list([field.name, field.substitute ?? ""].map { map([("required", [.string($0)])]) }))])
      }
      fields.append(("allOf", .list(choices)))
    }
    fields.append(("additionalProperties", false))
    return map(fields)
  }

  private static func schema(of field: FieldSpec, isWhole: Bool) -> Value {
    guard case .map(let type) = schema(of: field.type, isWhole: isWhole) else { return true }
    var fields: [(String, Value)] = [("description", .string(field.summary))]
    for entry in type.entries {
      if case .string(let name) = entry.key, name != "description" { fields.append((name, entry.value)) }
    }
    if !field.examples.isEmpty { fields.append(("examples", .list(field.examples.map { .string($0) }))) }
    return map(fields)
  }

  private static func schema(of type: FieldType, isWhole: Bool) -> Value {
    switch type {
    case .text, .reference, .file, .schemaFile, .textTemplate: map([("type", ["string", "number", "boolean", "null"])])
    case .flag: map([("type", ["boolean", "null"])])
    case .integer(let range):
      map(
        [("type", ["integer", "null"]), ("minimum", .int(range.lowerBound))]
          + (range.upperBound == .max ? [] : [("maximum", .int(range.upperBound))]))
    case .duration: pattern("^([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+$")
    case .errorAllowance: map([("type", ["string", "integer", "null"])])
    case .zone, .cron, .moment, .momentOrDuration: map([("type", ["string", "null"])])
    case .schedule: map([("type", ["string", "null"])])
    case .choice(let values): map([("enum", .list(values.map { .string($0) } + [.null]))])
    case .expression: pattern("^\\s*\\$\\{[\\s\\S]*\\}\\s*$")
    case .template, .value: map([])
    case .schema: map([("type", ["object", "null"])])
    case .list(let element):
      map([("type", ["array", "null"]), ("items", schema(of: element, isWhole: true))])
    case .map(let element):
      map([("type", ["object", "null"]), ("additionalProperties", schema(of: element, isWhole: false))])
    case .object(let spec): object(spec, isWhole: isWhole)
    case .referenceOr(let kind, let spec):
      map([("anyOf", [schema(of: .reference(kind), isWhole: isWhole), object(spec, isWhole: isWhole)])])
    }
  }

  private static func pattern(_ pattern: String) -> Value {
    map([("type", ["string", "null"]), ("pattern", .string(pattern))])
  }

  private static func map(_ entries: [(String, Value)]) -> Value { .map(ValueMap(entries)) }
}
