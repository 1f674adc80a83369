import Connecting
import Digests
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Renders pending records into write tasks, in the order the records came.
public struct TargetDispatcher: Sendable {
  /// What a dispatch came to.
  public struct Result: Sendable, Equatable {
    /// Records looked at.
    public var records = 0
    /// Write tasks queued.
    public var writes = 0
    /// Records that cannot be sent.
    public var failed = 0
    /// Records that wait for what they lack.
    public var waiting = 0
  }

  private let context: RunContext
  private let counters: RunCounters

  /// A dispatcher of a process.
  public init(_ context: RunContext, counters: RunCounters = RunCounters()) {
    self.context = context
    self.counters = counters
  }

  /// Queues writes for up to `limit` pending records.
  ///
  /// - Parameter fullBatchesOnly: leaves records that do not fill a batch pending: more are on their way.
  public func dispatch(_ flow: Flow, limit: Int, fullBatchesOnly: Bool = false) async throws -> Result {
    let pending = try await context.store.pendingRecords(hub: flow.name, after: 0, limit: limit)
    guard !pending.isEmpty else { return Result() }
    let now = context.now()
    let version = try await flow.tables.refresh(from: context.store)
    let finder = StoreFinder(store: context.store, lookups: flow.plan.lookups ?? [])
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    var unsendable: [UnsendableRecord] = []
    var writes: [NewWrite] = []
    var batch: [DocumentRenderer.Document] = []
    for (record, rendered) in zip(pending, try await renderer.render(pending)) {
      switch rendered {
      case .document(let document): batch.append(document)
      case .failed(let failure, let awaits, let topic):
        let isWaiting = failure.kind == Failure.waitingKind
        unsendable.append(
          UnsendableRecord(
            item: record.item, failure: failure, isWaiting: isWaiting, awaits: awaits, waitsFor: topic,
            valuesVersion: version))
        continue
      }
      if batch.count == flow.plan.target.batch { try flush(&batch, flow, &writes, &unsendable, now) }
    }
    let leftOver = fullBatchesOnly ? batch.count : 0
    if leftOver == 0 { try flush(&batch, flow, &writes, &unsendable, now) }
    if writes.isEmpty, unsendable.isEmpty { return Result() }
    let queued = try await context.store.enqueueWrites(
      hub: flow.name, writes, unsendable: unsendable, now: now)
    if let last = unsendable.last { counters.note(last.failure) }
    let failed = unsendable.count { !$0.isWaiting }
    counters.add { $0.failed += failed }
    return Result(
      records: pending.count - leftOver, writes: queued, failed: failed, waiting: unsendable.count - failed)
  }

  /// Queues writes for all pending records, a chunk at a time, until none is left or work is to come to an end.
  public func dispatchAll(_ flow: Flow) async throws -> Result {
    let chunk = max(1_000, flow.plan.target.batch)
    var total = Result()
    try await wake(flow)
    while !context.isStopping {
      let result = try await dispatch(flow, limit: chunk)
      if result.records == 0 { break }
      total.records += result.records
      total.writes += result.writes
      total.failed += result.failed
      total.waiting += result.waiting
    }
    return total
  }

  private func flush(
    _ batch: inout [DocumentRenderer.Document], _ flow: Flow, _ writes: inout [NewWrite],
    _ unsendable: inout [UnsendableRecord], _ now: Timestamp
  ) throws {
    guard !batch.isEmpty else { return }
    defer { batch.removeAll(keepingCapacity: true) }
    do {
      let request = try flow.write.render(batch.map(\.outgoing))
      writes.append(
        NewWrite(
          items: batch.map(\.item), payload: request.bytes, sendsAgain: flow.plan.target.delivery.sendsAgain))
    } catch let error where batch.count == 1 {
      unsendable.append(UnsendableRecord(item: batch[0].item, failure: Failure(rendering: error, at: now)))
    } catch {
      // One record spoils the request: each by itself shows which.
      for document in batch {
        var alone = [document]
        try flush(&alone, flow, &writes, &unsendable, now)
      }
    }
  }

  /// Lets the records that wait be tried once more: what they wait for may be there by now.
  @discardableResult
  public func wake(_ flow: Flow) async throws -> Int {
    try await context.store.wakeWaiting(hub: flow.name, now: context.now())
  }
}

extension PendingRecord {
  /// The record as a write carries it.
  var item: WriteItem { WriteItem(record: id, revision: revision) }
}
