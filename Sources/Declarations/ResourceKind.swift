/// The kinds of resource a project declares.
public enum ResourceKind: String, Sendable, CaseIterable, Hashable {
  /// The root file: tenant, environments, where catalogues are.
  case project = "Project"
  /// A kind of software system and how it is spoken to.
  case platform = "Platform"
  /// One documented call of a platform.
  case standardAPI = "StandardAPI"
  /// An account on a platform.
  case connector = "Connector"
  /// One flow from a source to a target.
  case hub = "Hub"
  /// A target document as a template, for several hubs to share.
  case fieldMapping = "FieldMapping"
  /// A code table between two systems.
  case valueMapping = "ValueMapping"
  /// Source records given, target requests expected.
  case hubTest = "HubTest"

  /// The kind in a sentence: "platform", "standard API", ...
  public var noun: String {
    switch self {
    case .project: "project"
    case .platform: "platform"
    case .standardAPI: "standard API"
    case .connector: "connector"
    case .hub: "hub"
    case .fieldMapping: "field mapping"
    case .valueMapping: "value mapping"
    case .hubTest: "hub test"
    }
  }

  /// What may stand in the `spec` of a document of this kind.
  public var spec: ObjectSpec {
    switch self {
    case .project: .project
    case .platform: .platform
    case .standardAPI: .standardAPI
    case .connector: .connector
    case .hub: .hub
    case .fieldMapping: .fieldMapping
    case .valueMapping: .valueMapping
    case .hubTest: .hubTest
    }
  }
}
