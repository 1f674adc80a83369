import Synchronization

/// The hubs that had no pending records when this process looked last, so that not every look counts the records of every hub.
///
/// A hub's row changes with each page of its records, and after its records were woken, so a hub whose row is as it was has
/// nothing new. That is a hint: what was done without a word in the row is found when the memory is too old.
final class PendingBook: Sendable {
  private struct Entry {
    let touched: Int64
    let at: ContinuousClock.Instant
  }

  /// For how long it is believed that a hub has nothing.
  private static let longest = Duration.seconds(15)

  private let empty = Mutex<[String: Entry]>([:])

  /// The count of a hub's pending records where it is known: 0; nil where they have to be counted.
  func count(of hub: String, touched: Int64) -> Int? {
    guard let entry = empty.withLock({ $0[hub] }), entry.touched == touched,
      entry.at.duration(to: .now) < PendingBook.longest
    else { return nil }
    return 0
  }

  /// Notes what was counted after a hub's row was read; gives the count.
  func note(_ count: Int, of hub: String, touched: Int64) -> Int {
    empty.withLock { $0[hub] = count == 0 ? Entry(touched: touched, at: .now) : nil }
    return count
  }
}
