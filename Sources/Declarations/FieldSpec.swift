public import Templates

/// One field of a resource: the one source of what may be written, what it means, and what it is checked against.
public struct FieldSpec: Sendable {
  /// The key.
  public let name: String
  /// What its value may be.
  public let type: FieldType
  /// Whether it must be there once everything inherited is in.
  public let isRequired: Bool
  /// The field of the same map in whose presence it need not be there.
  public private(set) var substitute: String?
  /// What it means, in a sentence.
  public let summary: String
  /// Values it may have, as they are written in YAML; for the reference and for editors.
  public private(set) var examples: [String] = []

  /// A field that may be left out.
  public static func optional(_ name: String, _ type: FieldType, _ summary: String) -> FieldSpec {
    FieldSpec(name: name, type: type, isRequired: false, summary: summary)
  }

  /// A field that must be there.
  public static func required(_ name: String, _ type: FieldType, _ summary: String) -> FieldSpec {
    FieldSpec(name: name, type: type, isRequired: true, summary: summary)
  }

  /// A field that must be there unless another one is.
  public func unless(_ substitute: String) -> FieldSpec {
    var copy = self
    copy.substitute = substitute
    return copy
  }

  /// The field with values it may have, as they are written in YAML.
  public func examples(_ examples: String...) -> FieldSpec {
    var copy = self
    copy.examples = examples
    return copy
  }

  private init(name: String, type: FieldType, isRequired: Bool, summary: String) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.summary = summary
  }
}

/// What the value of a field may be.
public indirect enum FieldType: Sendable {
  /// Any text.
  case text
  /// `true` or `false`.
  case flag
  /// A whole number within bounds.
  case integer(ClosedRange<Int64>)
  /// A length of time: `10m`, `1h30m`, `7d`.
  case duration
  /// A moment (RFC 3339) or a length of time to look back.
  case momentOrDuration
  /// How many may fail: a number, or a share such as `1%`.
  case errorAllowance
  /// A time zone by its IANA name, or an offset.
  case zone
  /// Five fields of cron, or `@hourly` and the like.
  case cron
  /// A cron expression, or `onRecords`: as soon as there are records.
  case schedule
  /// A moment (RFC 3339).
  case moment
  /// The path of a file of the project, relative to the file it is named in.
  case file
  /// The path of a file that holds a JSON Schema, relative to the file it is named in.
  case schemaFile
  /// A JSON Schema (2020-12).
  case schema
  /// One of these texts.
  case choice([String])
  /// The name of a resource.
  case reference(ResourceKind)
  /// One expression, over the variables of a scope.
  case expression(ExpressionScope)
  /// A text with expressions in it.
  case textTemplate(ExpressionScope)
  /// Any tree with expressions in it.
  case template(ExpressionScope)
  /// Any tree, as it is.
  case value
  /// A list.
  case list(FieldType)
  /// A map from names the user chooses.
  case map(FieldType)
  /// A map with fields of its own.
  case object(ObjectSpec)
  /// The name of a resource, or a map with fields of its own that says more about it.
  case referenceOr(ResourceKind, ObjectSpec)

  /// The type in a sentence: "a text", "a list", ...
  public var noun: String {
    switch self {
    case .text, .textTemplate: "a text"
    case .flag: "true or false"
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound)" : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .duration: "a length of time such as 30s, 10m, 1h30m or 7d"
    case .momentOrDuration: "a moment such as 2026-01-01T00:00:00Z, or a length of time to look back such as 30d"
    case .errorAllowance: "a number of records such as 10, or a share of them such as 1% or 0.25%"
    case .zone: "a time zone such as Asia/Shanghai or +08:00"
    case .cron: "a cron expression of five fields such as 0 */2 * * *, or @hourly, @daily, @weekly, @monthly, @yearly"
    case .schedule: "a cron expression of five fields such as 0 */2 * * *, or onRecords"
    case .moment: "a moment such as 2026-01-01T00:00:00Z"
    case .file: "the path of a file, relative to this one"
    case .schemaFile: "the path of a JSON Schema, relative to this file"
    case .schema: "a JSON Schema (2020-12)"
    case .choice(let values): "one of \(values.map { "'\($0)'" }.joined(separator: ", "))"
    case .reference(let kind): "the name of a \(kind.noun)"
    case .expression: "an expression: ${ ... }"
    case .template, .value: "a value"
    case .list: "a list"
    case .map, .object: "a map"
    case .referenceOr(let kind, _): "the name of a \(kind.noun), or a map"
    }
  }
}

/// The fields of a map.
public struct ObjectSpec: Sendable {
  /// What it is, for messages: "hub", "target", ...
  public let title: String
  /// What it is for, in a few sentences; for the reference.
  public let summary: String
  /// Its fields.
  public let fields: [FieldSpec]

  /// A map of fields.
  public init(_ title: String, summary: String = "", _ fields: [FieldSpec]) {
    self.title = title
    self.summary = summary
    self.fields = fields
  }

  /// The field of a key.
  public func field(_ name: String) -> FieldSpec? { fields.first { $0.name == name } }
}
