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
    var renderer = DocumentRenderer(flow: flow, now: now)
    var unsendable: [UnsendableRecord] = []
    var writes: [NewWrite] = []
    var batch: [DocumentRenderer.Document] = []
    for record in pending {
      do {
        batch.append(try renderer.render(record))
      } catch {
        unsendable.append(
          UnsendableRecord(
            item: record.item, failure: failure(error, now), isWaiting: isWaiting(error),
            waitsFor: waitTopic(of: error),
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
    return Result(records: pending.count - leftOver, writes: queued, failed: failed)
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
      unsendable.append(UnsendableRecord(item: batch[0].item, failure: failure(error, now)))
    } catch {
      // One record spoils the request: each by itself shows which.
      for document in batch {
        var alone = [document]
        try flush(&alone, flow, &writes, &unsendable, now)
      }
    }
  }

  /// Whether what the record lacks may still come by itself.
  private func isWaiting(_ error: any Error) -> Bool {
    guard let mapping = error as? TemplateError else { return false }
    switch mapping.error.kind {
    case .waiting: return true
    default: return false
    }
  }

  private func failure(_ error: any Error, _ now: Timestamp) -> Failure {
    let field = (error as? TemplateError)?.path
    return Failure(kind: isWaiting(error) ? "waiting" : "mapping", message: "\(error)", field: field, at: now)
  }
}

extension PendingRecord {
  /// The record as a write carries it.
  var item: WriteItem { WriteItem(record: id, revision: revision) }
}
