import Synchronization

/// How many tasks may still be begun; many lanes spend from one budget.
public final class TaskBudget: Sendable {
  private let left: Atomic<Int>

  /// A budget of so many tasks.
  public init(_ tasks: Int) { left = Atomic(tasks) }

  /// True once nothing more is to be begun.
  public var isSpent: Bool { left.load(ordering: .relaxed) <= 0 }

  /// Counts a task that is begun.
  func spend() { left.subtract(1, ordering: .relaxed) }
}
