import Digests
import Values

/// What is to be run, whole: every hub with its requests, mapping and policies, resolved and checked.
///
/// A plan is data. The same files give the same bytes (``canonicalBytes()``), whoever compiles them and wherever; it holds no
/// secret, only where each one is to be found; and workers need nothing but it.
///
/// Expressions stand in a plan as they stand in the files, in `${ }`; workers lower them once when they load it.
public struct ExecutionPlan: Codable, Sendable, Equatable {
  /// The form of plan this version writes and reads.
  public static let currentFormat = "datahub/plan-v1"

  /// The form of this plan.
  public var format: String
  /// The project's name.
  public var project: String
  /// Whose records these are; each tenant has a store of its own.
  public var tenant: String
  /// `production`, `test`, `development`, or another name the project declares.
  public var environment: String
  /// The time zone schedules and times without a zone are in.
  public var timeZone: String
  /// The Git commit of the files, where they are in a repository without changes.
  public var commit: String?
  /// Sorted by name.
  public var connectors: [ConnectorPlan]
  /// The code tables, sorted by name; nil where there is none.
  public var valueMappings: [ValueMappingPlan]?
  /// For how long queue tasks are kept; nil where the project says nothing.
  public var retention: RetentionPlan?
  /// Sorted by name.
  public var hubs: [HubPlan]
  /// SHA-256 over everything but the commit.
  public var digest: String

  /// A plan with its digests worked out.
  public init(
    project: String, tenant: String, environment: String, timeZone: String, commit: String?,
    connectors: [ConnectorPlan], valueMappings: [ValueMappingPlan] = [], retention: RetentionPlan? = nil,
    hubs: [HubPlan]
  ) throws {
    format = ExecutionPlan.currentFormat
    self.project = project
    self.tenant = tenant
    self.environment = environment
    self.timeZone = timeZone
    self.commit = nil
    self.connectors = connectors.sorted { $0.name < $1.name }
    self.valueMappings = valueMappings.isEmpty ? nil : valueMappings.sorted { $0.name < $1.name }
    self.retention = retention
    self.hubs = hubs.sorted { $0.name < $1.name }
    digest = ""
    let connectorsByName = Dictionary(connectors.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let tables = Dictionary(valueMappings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for index in self.hubs.indices {
      try self.hubs[index].seal(with: connectorsByName, tables)
    }
    digest = try planDigest(self)
    self.commit = commit
  }

  /// The plan as canonical JSON: fields in a fixed order, names sorted, no white space.
  ///
  /// What the user wrote as a tree, such as a mapping, keeps the order it was written in: it is sent in that order.
  public func canonicalBytes() throws -> [UInt8] {
    try ValueEncoder().encode(self).jsonBytes()
  }

  /// Reads a plan back.
  ///
  /// - Throws: ``PlanError`` where the bytes are not a plan, of another format, or changed after they were made.
  public init(bytes: [UInt8]) throws {
    let value: Value
    do {
      value = try Value(jsonBytes: bytes)
    } catch {
      throw PlanError.notAPlan(reason: error.description)
    }
    guard let format = value["format"]?.stringValue else { throw PlanError.notAPlan(reason: "it has no format") }
    guard format == ExecutionPlan.currentFormat else { throw PlanError.otherFormat(format) }
    do {
      self = try ValueDecoder().decode(ExecutionPlan.self, from: value)
    } catch {
      throw PlanError.notAPlan(reason: "\(error)")
    }
    var unsealed = self
    unsealed.digest = ""
    unsealed.commit = nil
    guard try planDigest(unsealed) == digest else { throw PlanError.changed }
  }

  /// The hub of a name.
  public func hub(_ name: String) -> HubPlan? { hubs.first { $0.name == name } }

  /// The connector of a name.
  public func connector(_ name: String) -> ConnectorPlan? { connectors.first { $0.name == name } }
}

/// Why bytes cannot be used as a plan.
public enum PlanError: Error, Sendable, Equatable, CustomStringConvertible {
  case notAPlan(reason: String)
  case otherFormat(String)
  case changed

  /// What is wrong, in words.
  public var description: String {
    switch self {
    case .notAPlan(let reason): "this is not an execution plan: \(reason)"
    case .otherFormat(let format):
      "the plan has the format '\(format)'; this version reads '\(ExecutionPlan.currentFormat)': compile it again"
    case .changed: "the plan was changed after it was compiled: its digest does not fit; compile it again"
    }
  }
}

func planDigest(_ data: some Encodable) throws -> String {
  hex(HashFunction.sha256.digest(try ValueEncoder().encode(data).jsonBytes()))
}
