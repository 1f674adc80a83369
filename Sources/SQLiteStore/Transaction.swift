import Keeping
import SQLiteKit
import Values

/// One change of the store while it is made.
///
/// What it can do stands in its extensions, by subject.
final class Transaction {
  let connection: Connection
  let hubs: HubCatalog
  /// The time the caller gave, in milliseconds since 1970.
  let now: Int64
  private var tallies: [HubTally] = []

  init(connection: Connection, hubs: HubCatalog, now: Int64) {
    self.connection = connection
    self.hubs = hubs
    self.now = now
  }

  /// What this transaction changes in a hub's row.
  func tally(of hub: Int64) -> HubTally {
    // Nearly always the one there is.
    for tally in tallies where tally.hub == hub { return tally }
    let tally = HubTally(hub: hub, connection: connection)
    tallies.append(tally)
    return tally
  }

  /// Writes what was counted; the last step of every transaction.
  func saveTallies() throws {
    for tally in tallies { try tally.save() }
  }

  /// Gives a hub its number and its tables.
  func addHub(_ name: String) throws -> Int64 {
    let insert = try connection.prepare("INSERT INTO hubs (name) VALUES (?1) ON CONFLICT (name) DO NOTHING")
    insert.bind(1, name)
    try insert.run()
    let find = try connection.prepare("SELECT id FROM hubs WHERE name = ?1")
    find.bind(1, name)
    guard try find.step() else { throw StoreError.damaged("a hub that was just added is not there") }
    let id = find.int64(0)
    find.reset()
    try connection.execute(hubs[id].create)
    return id
  }
}
