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
  }

  let context: RunContext
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
    if let grouping = flow.grouping {
      // A group is whole once nothing more is on its way.
      return fullBatchesOnly ? Result() : try await dispatch(flow, grouping)
    }
    let pending = try await context.store.pendingRecords(hub: flow.name, after: 0, limit: limit)
    guard !pending.isEmpty else { return Result() }
    let now = context.now()
    var renderer = DocumentRenderer(flow: flow, now: now)
    var maker = WriteMaker(flow, now: now)
    let done = try await doneSteps(of: pending, flow)
    let gone = try await vanished(of: pending, flow)
    for record in pending {
      do {
        if gone.contains(record.id) {
          maker.takeBack(record)
          continue
        }
        if flow.delivery.void != nil, try takeBack(record, flow, &maker, now) { continue }
        let document = try renderer.render(record)
        maker.add(document, of: record, done: done[record.id] ?? [])
      } catch {
        maker.refuse(record.item, error)
      }
    }
    let leftOver = maker.finish(forgettingOpenBatches: fullBatchesOnly)
    return try await queue(maker, of: pending.count - leftOver, flow, now)
  }

  /// Puts what was made into the queue.
  ///
  /// - Parameter records: how many records were looked at.
  func queue(_ maker: WriteMaker, of records: Int, _ flow: Flow, _ now: Timestamp) async throws -> Result {
    if maker.writes.isEmpty, maker.unsendable.isEmpty { return Result() }
    let queued = try await context.store.enqueueWrites(
      hub: flow.name, maker.writes, unsendable: maker.unsendable, now: now)
    if let last = maker.unsendable.last(where: { !$0.isFiltered }) { counters.note(last.failure) }
    let failed = maker.unsendable.count { !$0.isWaiting && !$0.isFiltered }
    counters.add { $0.failed += failed }
    return Result(records: records, writes: queued, failed: failed)
  }

  /// Has a record taken back that is no longer to be sent; false where it is to be sent.
  private func takeBack(
    _ record: PendingRecord, _ flow: Flow, _ maker: inout WriteMaker, _ now: Timestamp
  ) throws -> Bool {
    let judged = try flow.judge(try Value(jsonBytes: record.content))
    if judged.isSelected { return false }
    guard record.delivered != nil, judged.isTakenBack else {
      let reason = Failure(kind: "filtered", message: "no longer selected", at: now)
      maker.refuse(UnsendableRecord(item: record.item, failure: reason, isFiltered: true))
      return true
    }
    maker.takeBack(record)
    return true
  }

  /// Those of the records that the target has and the source has no more.
  private func vanished(of records: [PendingRecord], _ flow: Flow) async throws -> Set<Int64> {
    guard flow.plan.target.void?.takesBackVanished == true else { return [] }
    let delivered = records.filter { $0.delivered != nil }.map(\.id)
    return delivered.isEmpty ? [] : try await context.store.vanished(hub: flow.name, records: delivered)
  }

  /// What has been done beside their writes for records that the target has as they are.
  private func doneSteps(of records: [PendingRecord], _ flow: Flow) async throws -> [Int64: [DoneStep]] {
    if flow.fansOut { return try await context.store.doneSteps(hub: flow.name, records: records.map(\.id)) }
    if flow.delivery.followUps.isEmpty { return [:] }
    let delivered = records.filter { $0.delivered?.revision == $0.revision }.map(\.id)
    return delivered.isEmpty ? [:] : try await context.store.doneSteps(hub: flow.name, records: delivered)
  }
}

extension PendingRecord {
  /// The record as a write carries it.
  var item: WriteItem { WriteItem(record: id, revision: revision) }
}
