import Synchronization

/// The hubs this process has used: their tables by name and by number.
final class HubCatalog: Sendable {
  private struct Known {
    var byName: [String: HubTables] = [:]
    var byID: [Int64: HubTables] = [:]
  }

  private let known = Mutex(Known())

  /// The tables of a hub whose number is known.
  subscript(name: String) -> HubTables? { known.withLock { $0.byName[name] } }

  /// The tables of the hub of a number; only names its tables, so it need not know the hub.
  subscript(id: Int64) -> HubTables {
    known.withLock { known in
      if let tables = known.byID[id] { return tables }
      let tables = HubTables(id: id)
      known.byID[id] = tables
      return tables
    }
  }

  /// Notes the number of a hub that has been committed: a hub is never renumbered.
  func remember(_ name: String, _ id: Int64) -> HubTables {
    let tables = self[id]
    known.withLock { $0.byName[name] = tables }
    return tables
  }
}
