import MongoKit
import Synchronization
import Values

/// The sessions in which this process makes transactions, as the rows of its workers say.
///
/// Whoever finds the process gone ends with them what it had under way: else its records would stay locked for a minute.
final class AnnouncedTransactions: Sendable {
  private let numbers = Mutex<Set<[UInt8]>>([])

  var known: [[UInt8]] { Array(numbers.withLock { $0 }) }

  /// Says in which session this connection's transactions are made, once for each.
  func announce(_ tenant: Tenant) throws {
    let number = try tenant.connection.transactionSession()
    guard numbers.withLock({ $0.insert(number).inserted }) else { return }
    let identity = WorkerIdentity.current()
    try tenant.sessions.updateMany(.map(ValueMap(identity.fields)), ["$addToSet": ["transactions": .bytes(number)]])
  }
}
