import Declarations
import Expressions
import Values
import YAMLSyntax

/// What expressions know of declared parameters.
enum ParameterTypes {
  /// `with`: the parameters of a standard API, as a hub gives them or their defaults; null where neither is.
  static func with(_ parameters: YAMLNode?) -> ExpressionType {
    record(parameters, name: "the API's parameters") { parameter in
      switch parameter.text("type") ?? "string" {
      case "int": return .int
      case "bool": return .bool
      case "decimal": return .number
      case "list": return .list(.dyn)
      case "map": return .map(.string, .dyn)
      default:
        let values = parameter.child("enum")?.items?.map(\.value) ?? []
        let texts = values.compactMap(\.stringValue)
        return texts.isEmpty || texts.count < values.count ? .string : .enumeration(texts)
      }
    }
  }

  /// `connector`: the parameters of a platform.
  ///
  /// - Parameter secrets: whether those that are secret can be read.
  static func connector(_ platform: Declaration, secrets: Bool) -> ExpressionType {
    let name = secrets ? "a connector of \(platform.address)" : "what an API sees of a connector, which has no secrets"
    let parameters = platform.spec.child("parameters")
    let visible = parameters.map { node in
      YAMLNode(
        span: node.span,
        content: .mapping((node.entries ?? []).filter { secrets || $0.value.flag("secret") != true }))
    }
    // What stands in an environment variable is a text, whatever it is meant to be.
    return record(visible, name: name) { ($0.text("type") ?? "string") == "string" ? .string : .dyn }
  }

  private static func record(
    _ parameters: YAMLNode?, name: String, _ type: (YAMLNode) -> ExpressionType
  ) -> ExpressionType {
    let fields = (parameters?.entries ?? []).map { entry in
      let isGiven = entry.value.flag("required") == true || entry.value.child("default") != nil
      let own = type(entry.value)
      return RecordType.Field(entry.keyText, isGiven ? own : own.orNull)
    }
    return .record(RecordType(name: name, fields))
  }
}
