public import Keeping
public import Plans
public import Values

/// Removes queue tasks that have been kept for long enough, with what the ledger has of their requests.
public struct Pruner: Sendable {
  /// How many tasks are removed in one transaction, so that workers go on in between.
  public static let chunk = 1_000

  private let store: any Store

  /// A pruner of a store.
  public init(_ store: any Store) { self.store = store }

  /// The tasks a retention lets go.
  ///
  /// - Parameter filter: only tasks it chooses; its states and times are the retention's.
  public func due(_ retention: RetentionPlan, _ filter: TaskFilter, now: Timestamp) async throws -> [Int64] {
    var numbers: [Int64] = []
    let spans: [(states: Set<TaskState>, milliseconds: Int64)] = [
      ([.done], retention.doneMilliseconds), ([.dead, .cancelled], retention.deadMilliseconds),
    ]
    for (states, span) in spans {
      var chosen = filter
      chosen.states = filter.states.isEmpty ? states : states.intersection(filter.states)
      chosen.before = now - TimeSpan(milliseconds: span)
      chosen.limit = filter.limit - numbers.count
      if !chosen.states.isEmpty { numbers += try await store.taskNumbers(chosen) }
    }
    return numbers
  }

  /// Removes tasks, some at a time; returns how many.
  @discardableResult
  public func prune(_ numbers: [Int64], _ act: Act) async throws -> Int {
    var act = act
    var count = 0
    for start in stride(from: 0, to: numbers.count, by: Pruner.chunk) {
      let report = try await store.change(
        tasks: Array(numbers[start..<min(start + Pruner.chunk, numbers.count)]), .prune, act)
      act.number = report.act
      count += report.changed
    }
    return count
  }
}
