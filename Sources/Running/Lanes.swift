import Keeping
import ServiceRuntime
import Values

/// Works off one source queue.
struct SourceLane: Sendable {
  let context: RunContext
  let executor: QueryExecutor

  /// Runs what is due; returns false where nothing was.
  func runDue() async throws -> Bool {
    guard let claim = context.claim(executor.flow, .source, limit: 1),
      let task = try await context.store.claim(claim).first
    else { return false }
    try await run(task)
    return true
  }

  private func run(_ task: ClaimedTask) async throws {
    do {
      try await executor.run(task)
    } catch let error as StoreError where error.code == .leaseLost {
      // Another worker has the task by now and its outcome counts; ours is dropped.
      return
    }
  }
}

/// Works off one target queue, with as many requests at once as the hub allows.
struct TargetLane: Sendable {
  let context: RunContext
  let executor: WriteExecutor

  /// Runs what is due; returns false where nothing was.
  func runDue() async throws -> Bool {
    guard let claim = context.claim(executor.flow, .target, limit: executor.flow.plan.target.concurrency) else {
      return false
    }
    let tasks = try await context.store.claim(claim)
    if tasks.isEmpty { return false }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in tasks { group.addTask { try await run(task) } }
      try await group.waitForAll()
    }
    return true
  }

  private func run(_ task: ClaimedTask) async throws {
    do {
      try await executor.run(task)
    } catch let error as StoreError where error.code == .leaseLost {
      // Another worker has the task by now and its outcome counts; ours is dropped.
      return
    }
  }
}
