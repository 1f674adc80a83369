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
    /// True where it ended since more records failed than the hub allows.
    public var isOverBudget = false
    /// Records that are left for documents which are open for more of their group.
    public var open = OpenGroups()
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
    let version = try await flow.tables.refresh(from: context.store)
    var maker = WriteMaker(flow, now: now, valuesVersion: version)
    let done = try await doneSteps(of: pending, flow)
    let gone = try await vanished(of: pending, flow)
    let fates = pending.map { fate(of: $0, isGone: gone.contains($0.id), flow, now) }
    let finder = StoreFinder(store: context.store, lookups: flow.plan.lookups ?? [])
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    let toRender = zip(pending, fates).filter { $0.1 == nil }.map(\.0)
    var rendered = try await renderer.render(toRender).makeIterator()
    var looked = 0
    for (record, fate) in zip(pending, fates) {
      // What would fail beyond what may is left as it is: the next run begins with it.
      if context.errors?.isSpent(lookingAt: looked, failing: maker.failed) == true { break }
      looked += 1
      switch fate {
      case .takenBack: maker.takeBack(record)
      case .refused(let record): maker.refuse(record)
      case nil: if let outcome = rendered.next() { maker.add(outcome, of: record, done: done[record.id] ?? []) }
      }
    }
    let leftOver = maker.finish(forgettingOpenBatches: fullBatchesOnly)
    return try await queue(maker, of: looked - leftOver, flow, now)
  }

  /// Puts what was made into the queue.
  ///
  /// - Parameter records: how many records were looked at.
  func queue(_ maker: WriteMaker, of records: Int, _ flow: Flow, _ now: Timestamp) async throws -> Result {
    if maker.writes.isEmpty, maker.unsendable.isEmpty { return Result() }
    let queued = try await context.store.enqueueWrites(
      hub: flow.name, maker.writes, unsendable: maker.unsendable, now: now)
    if let last = maker.unsendable.last(where: { !$0.isFiltered }) { counters.note(last.failure) }
    let failed = maker.failed
    let carried = maker.writes.reduce(0) { $0 + $1.items.count }
    counters.add {
      $0.failed += failed
      $0.queued += carried
    }
    return Result(
      records: records, writes: queued, failed: failed, waiting: maker.unsendable.count { $0.isWaiting })
  }

  /// Queues writes for all pending records, a chunk at a time, until none is left or work is to come to an end.
  ///
  /// It ends as well where more records fail than may: what is left stays pending.
  public func dispatchAll(_ flow: Flow) async throws -> Result {
    let chunk = max(1_000, flow.plan.target.batch)
    var total = Result()
    try await wake(flow)
    let counters = RunCounters(partOf: counters)
    let errors = ErrorBudget(flow, counters)
    let run = TargetDispatcher(context.with(errors), counters: counters)
    while !run.context.isStopping {
      let result = try await run.dispatch(flow, limit: chunk)
      total.open = result.open
      if result.records == 0 { break }
      total.records += result.records
      total.writes += result.writes
      total.failed += result.failed
      total.waiting += result.waiting
    }
    total.isOverBudget = errors?.isSpent ?? false
    return total
  }

  /// What becomes of a record that is not to be sent.
  private enum Fate {
    case takenBack
    case refused(UnsendableRecord)
  }

  /// What becomes of a record in place of being sent; nil where it is to be sent.
  private func fate(of record: PendingRecord, isGone: Bool, _ flow: Flow, _ now: Timestamp) -> Fate? {
    if isGone { return .takenBack }
    if flow.delivery.void == nil { return nil }
    do {
      let judged = try flow.judge(try Value(jsonBytes: record.content))
      if judged.isSelected { return nil }
      if record.delivered != nil, judged.isTakenBack { return .takenBack }
      let reason = Failure(kind: "filtered", message: "no longer selected", at: now)
      return .refused(UnsendableRecord(item: record.item, failure: reason, isFiltered: true))
    } catch {
      return .refused(UnsendableRecord(item: record.item, failure: Failure(rendering: error, at: now)))
    }
  }

  /// Lets the records that wait be tried once more: what they wait for may be there by now.
  @discardableResult
  public func wake(_ flow: Flow) async throws -> Int {
    try await context.store.wakeWaiting(hub: flow.name, now: context.now())
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
