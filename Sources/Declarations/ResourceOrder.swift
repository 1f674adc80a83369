public import YAMLSyntax

/// The order in which the keys of resources stand in canonical form.
public enum ResourceOrder {
  /// The order of a document: the envelope's keys, then in `spec` those of its kind; what the user names stays as written.
  public static func order(of root: YAMLNode) -> KeyOrder {
    let kind = root["kind"]?.value.scalar.flatMap { ResourceKind(rawValue: $0.text) }
    return kind.flatMap { byKind[$0] } ?? order(spec: .asWritten)
  }

  private static let byKind = Dictionary(
    uniqueKeysWithValues: ResourceKind.allCases.map { ($0, order(spec: $0.spec.keyOrder)) })

  private static func order(spec: KeyOrder) -> KeyOrder {
    .fields(ObjectSpec.envelope.fields.map { ($0.name, $0.name == "spec" ? spec : $0.type.keyOrder) })
  }
}

extension ObjectSpec {
  /// Its fields in their order.
  fileprivate var keyOrder: KeyOrder { .fields(fields.map { ($0.name, $0.type.keyOrder) }) }
}

extension FieldType {
  fileprivate var keyOrder: KeyOrder {
    switch self {
    case .object(let spec): spec.keyOrder
    case .map(let element): .values(element.keyOrder)
    case .list(let element): .items(element.keyOrder)
    default: .asWritten
    }
  }
}
