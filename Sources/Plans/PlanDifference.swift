import Values

/// What a new plan changes about the one that is deployed.
public struct PlanDifference: Sendable, Equatable, Codable {
  /// What happens to one hub.
  public enum Action: String, Sendable, Codable {
    case add
    case change
    case remove
    case keep
  }

  /// One hub with what happens to it.
  public struct HubChange: Sendable, Equatable, Codable {
    /// The hub's name.
    public let hub: String
    /// What happens to it.
    public let action: Action
    /// For a change: the places that differ, such as `mapping.FDate`.
    public let paths: [String]
  }

  /// Every hub of either plan, sorted by name.
  public let hubs: [HubChange]

  /// Compares a plan with the one before it.
  public init(from old: ExecutionPlan?, to new: ExecutionPlan) throws {
    let names = Set(new.hubs.map(\.name)).union(old?.hubs.map(\.name) ?? []).sorted()
    hubs = try names.map { name in
      switch (old?.hub(name), new.hub(name)) {
      case (let before?, let after?) where before.digest == after.digest:
        HubChange(hub: name, action: .keep, paths: [])
      case (let before?, let after?):
        HubChange(hub: name, action: .change, paths: try PlanDifference.paths(before, after, old, new))
      case (nil, _?): HubChange(hub: name, action: .add, paths: [])
      default: HubChange(hub: name, action: .remove, paths: [])
      }
    }
  }

  /// How many hubs an action applies to.
  public func count(_ action: Action) -> Int { hubs.count { $0.action == action } }

  /// True where the new plan changes nothing.
  public var isEmpty: Bool { hubs.allSatisfy { $0.action == .keep } }

  private static func paths(
    _ before: HubPlan, _ after: HubPlan, _ old: ExecutionPlan?, _ new: ExecutionPlan
  ) throws -> [String] {
    let encoder = ValueEncoder()
    var found = differences(try encoder.encode(before), try encoder.encode(after), at: "")
    found.removeAll { $0 == "digest" }
    for name in after.connectorNames.sorted() {
      guard let was = old?.connector(name), let becomes = new.connector(name) else { continue }
      found += differences(try encoder.encode(was), try encoder.encode(becomes), at: "connector \(name)")
    }
    return found
  }
}

/// The paths at which two values differ, in the order of the first, then of what only the second has.
func differences(_ old: Value, _ new: Value, at path: String) -> [String] {
  switch (old, new) {
  case (.map(let before), .map(let after)):
    var found: [String] = []
    for (key, value) in before.entries {
      let place = join(path, key.jsonName)
      found += after[key].map { differences(value, $0, at: place) } ?? [place]
    }
    for key in after.keys where before[key] == nil { found.append(join(path, key.jsonName)) }
    return found
  case (.list(let before), .list(let after)) where before.count == after.count:
    return zip(before, after).enumerated().flatMap { index, pair in
      differences(pair.0, pair.1, at: "\(path)[\(index)]")
    }
  default:
    // Equal numbers of other digits are a change of what is sent.
    return old.json() == new.json() ? [] : [path]
  }
}

private func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

extension MapKey {
  fileprivate var jsonName: String { if case .string(let name) = self { name } else { "\(value)" } }
}
