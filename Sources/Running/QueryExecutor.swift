import Connecting
import Digests
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Runs query tasks: asks for a page, keeps its records, goes on with the next.
struct QueryExecutor: Sendable {
  let context: RunContext
  let flow: Flow
  let counters: RunCounters
  /// Called when there is something new to be sent.
  let recordsArrived: @Sendable () -> Void

  /// Runs a task and all that follow it in the queue, until none is due.
  func run(_ first: ClaimedTask) async throws {
    var current: ClaimedTask? = first
    var prefetched: Prefetched?
    while let task = current {
      context.budget?.spend()
      let query = try QueryTask(payload: task.payload)
      let outcome: CallOutcome
      if let ready = prefetched, ready.query == query {
        outcome = ready.outcome
      } else {
        outcome = await context.cancellations.allowing(task.lease.task) { await ask(query) }
      }
      prefetched = nil
      switch outcome {
      case .failed(let failure):
        try await setBack(task, failure)
        current = nil
      case .answered(let answer):
        (current, prefetched) = try await keep(answer, query, task)
      }
    }
  }

  private struct Prefetched {
    let query: QueryTask
    let outcome: CallOutcome
  }

  private func ask(_ query: QueryTask) async -> CallOutcome {
    do {
      let request = try flow.query.render(window: (query.from, query.to), page: query.page)
      counters.add { $0.requests += 1 }
      return await flow.query.send(request)
    } catch {
      return .failed(CallFailure(kind: .rejected, message: "\(error)"))
    }
  }

  /// Keeps a page, and meanwhile asks for the next one: reading ahead has no effect on the source.
  private func keep(
    _ answer: Answer, _ query: QueryTask, _ task: ClaimedTask
  ) async throws -> (ClaimedTask?, Prefetched?) {
    let page: QueryPage
    do {
      page = try flow.query.read(answer, page: query.page)
    } catch {
      // A list that will not stand still is not read by trying the same page again: the pull ends, the next begins anew.
      let kind: FailureClass = error.code == .unsteadyList ? .rejected : .uncertain
      try await setBack(task, CallFailure(kind: kind, message: "\(error)", status: answer.status))
      return (nil, nil)
    }
    let details: [DetailProgram.Outcome]
    do throws(CallFailure) {
      details =
        try await flow.query.detail?.complete(page.records) { [counters] in counters.add { $0.requests += 1 } }
        ?? page.records.map { .whole($0) }
    } catch {
      try await setBack(task, error)
      return (nil, nil)
    }
    let next = page.next.map { QueryTask(from: query.from, to: query.to, page: $0) }
    let now = context.now()
    var settled = SettledPage(
      records: details.map { incoming($0, now) }, next: next.map { NewQuery(payload: $0.payload) },
      claim: context.claim(flow, .source), now: now)
    settled.voidsVanished = flow.plan.target.void?.takesBackVanished ?? false
    let (kept, isLast) = (settled, settled.claim == nil)
    async let ahead: Prefetched? = prefetch(isLast ? nil : next)
    let result = try await context.store.settlePage(task.lease, kept)
    counters.add { $0.pages += result.counts }
    counters.add { $0.failed += result.counts.failed }
    if result.counts.new + result.counts.changed > 0 { recordsArrived() }
    return (result.claimed.first, await ahead)
  }

  private func prefetch(_ query: QueryTask?) async -> Prefetched? {
    guard let query else { return nil }
    return Prefetched(query: query, outcome: await ask(query))
  }

  private func incoming(_ outcome: DetailProgram.Outcome, _ now: Timestamp) -> IncomingRecord {
    switch outcome {
    case .whole(let record): return incoming(record, now)
    case .refused(let listed, let failure):
      var record = incoming(listed, now)
      record.state = .failed
      record.keepsContent = true
      record.failure = Failure(kind: Failure.detailKind, message: failure.message, status: failure.status, at: now)
      return record
    }
  }

  /// A source record as the store keeps it.
  private func incoming(_ record: Value, _ now: Timestamp) -> IncomingRecord {
    let content = record.jsonBytes()
    let digest = HashFunction.sha256.digest(content)
    do {
      let key = try flow.query.key(of: record)
      let number = flow.query.number(of: record)
      let (isSelected, isTakenBack) = try flow.judge(record)
      let state: RecordState = try !isSelected ? .filtered : flow.holds(record) ? .held : .pending
      let failure =
        state == .held
        ? Failure(kind: "held", message: "the hub holds it: ${ \(flow.plan.hold ?? "") }", field: "hold", at: now) : nil
      return IncomingRecord(
        key: key, number: number, content: content, digest: digest, state: state, failure: failure,
        ignoresChange: flow.plan.onChange == .ignore, holdsChange: flow.plan.onChange == .hold,
        voidsDelivered: isTakenBack)
    } catch {
      // Without a key a record is still kept, so that somebody can see it and mend the source.
      let key = (try? flow.query.key(of: record)) ?? "(no key) \(hex(digest.prefix(8)))"
      let failure = Failure(kind: "record", message: "\(error)", at: now)
      return IncomingRecord(
        key: key, number: nil, content: content, digest: digest, state: .failed, failure: failure)
    }
  }

  private func setBack(_ task: ClaimedTask, _ failure: CallFailure) async throws {
    let now = context.now()
    let kept = Failure(kind: failure.kind.rawValue, message: failure.message, status: failure.status, at: now)
    counters.note(kept)
    let setback = RetryLadder(
      milliseconds: flow.plan.source.retryMilliseconds, backoff: flow.plan.source.backoff
    ).setback(
      failure, attempts: task.attempts, now: now, repeatable: true)
    try await context.store.setBack(task.lease, setback, kept, now: now)
  }
}
