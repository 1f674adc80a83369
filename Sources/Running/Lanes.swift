import Keeping

/// Works off one queue, a task and its successors at a time.
struct Lane: Sendable {
  let context: RunContext
  let flow: Flow
  let side: Side
  /// Runs a task, and those that are claimed as it is settled.
  let run: @Sendable (ClaimedTask) async throws -> Void

  /// The source queue of a hub.
  init(_ executor: QueryExecutor) {
    context = executor.context
    flow = executor.flow
    side = .source
    run = { try await executor.run($0) }
  }

  /// The target queue of a hub; as many lanes may work it at once as the hub allows requests.
  init(_ executor: WriteExecutor) {
    context = executor.context
    flow = executor.flow
    side = .target
    run = { try await executor.run($0) }
  }

  /// Runs what is due; returns false where nothing was.
  func runDue() async throws -> Bool {
    guard let claim = context.claim(flow, side), let task = try await context.store.claim(claim).first else {
      return false
    }
    do {
      try await run(task)
    } catch let error as StoreError where error.code == .leaseLost {
      // Another worker has the task by now and its outcome counts; ours is dropped.
      return true
    }
    return true
  }
}
