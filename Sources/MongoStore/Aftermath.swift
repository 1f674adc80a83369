import Keeping
import MongoKit
import Values

/// What is to be told once a transaction is kept: hints, each a small write of its own, that no transaction has to fight for.
///
/// Whoever is interrupted before it has told leaves what it did as it is: workers look at everything every while.
final class Aftermath {
  /// The hubs whose records became pending.
  var woken: Set<String> = []
  /// The first places of queues at which a task became ready.
  private var heads: [Place: Int64] = [:]
  /// What went wrong last, by hub.
  private var failures: [String: Failure] = [:]

  private struct Place: Hashable {
    let hub: String
    let side: Side
  }

  /// Notes that a task is ready at a place of its queue.
  func noteReady(_ hub: String, _ side: Side, at position: Int64) {
    let place = Place(hub: hub, side: side)
    heads[place] = min(heads[place] ?? position, position)
  }

  /// Notes what went wrong with a record or a task.
  func note(_ failure: Failure, _ hub: String) { failures[hub] = failure }

  /// Forgets everything: the transaction is begun anew.
  func clear() {
    woken = []
    heads = [:]
    failures = [:]
  }

  /// Tells what was noted, after the commit: who looked before it would remember that there was nothing.
  func tell(_ tenant: Tenant) {
    do {
      for hub in woken { try tenant.touch(hub) }
      for (place, position) in heads { try tenant.lowerHead(place.hub, place.side, to: position) }
      for (hub, failure) in failures {
        try tenant.hubs.updateOne(["_id": .string(hub)], ["$set": ["lastError": FailureForm.write(failure)]])
      }
    } catch {
      // Only hints, see above.
      return clear()
    }
    clear()
  }
}
