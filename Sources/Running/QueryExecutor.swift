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
      if let listing = ParentListing(payload: task.payload) {
        guard let parents = flow.parents else {
          try await setBack(task, otherSource("asked for each of some parents"))
          return
        }
        current = try await list(listing, parents, task)
        continue
      }
      switch flow.source {
      case .upstream(let upstream): current = try await read(upstream, task)
      case .query(let program): (current, prefetched) = try await ask(program, task, prefetched)
      }
    }
  }

  private func ask(
    _ program: QueryProgram, _ task: ClaimedTask, _ prefetched: Prefetched?
  ) async throws -> (ClaimedTask?, Prefetched?) {
    if let query = UpstreamQuery(payload: task.payload) {
      try await setBack(task, otherSource("hub '\(query.hub)'"))
      return (nil, nil)
    }
    let query = try QueryTask(payload: task.payload)
    guard (query.parent == nil) == (flow.parents == nil) else {
      try await setBack(task, otherSource(query.parent == nil ? "asked once" : "asked for each of some parents"))
      return (nil, nil)
    }
    let outcome: CallOutcome
    if let ready = prefetched, ready.query == query {
      outcome = ready.outcome
    } else {
      outcome = await context.cancellations.allowing(task.lease.task) { await ask(program, query) }
    }
    switch outcome {
    case .failed(let failure):
      try await setBack(task, failure)
      return (nil, nil)
    case .answered(let answer): return try await keep(answer, program, query, task)
    }
  }

  /// What an earlier plan asked of another source is not asked any more: its pull ends, and the next one asks anew.
  func otherSource(_ name: String) -> CallFailure {
    CallFailure(kind: .rejected, message: "the hub's source was \(name) when this was queued, and is another now")
  }

  // MARK: - Another hub

  /// Reads what another hub has delivered: no call is made, and how far was read moves together with what is kept.
  private func read(_ upstream: UpstreamProgram, _ task: ClaimedTask) async throws -> ClaimedTask? {
    guard let query = UpstreamQuery(payload: task.payload), query.hub == upstream.hub else {
      try await setBack(task, otherSource("another one"))
      return nil
    }
    let found = try await context.store.deliveredRecords(
      of: query.hub, after: query.after, upTo: query.end, limit: UpstreamProgram.pageSize)
    let last = found.count < UpstreamProgram.pageSize ? nil : found.last?.position
    let next = last.map { UpstreamQuery(hub: query.hub, after: $0, end: query.end) }
    let now = context.now()
    let records = found.map { incoming($0, upstream, now) }
    var page = page(records, next?.payload, now)
    page.cursor = UpstreamCursor(upstream: query.hub, position: last ?? query.end)
    let result = try await context.store.settlePage(task.lease, page)
    count(result)
    return result.claimed.first
  }

  private func incoming(_ delivered: DeliveredRecord, _ upstream: UpstreamProgram, _ now: Timestamp) -> IncomingRecord {
    do {
      return incoming(try upstream.record(of: delivered), now)
    } catch {
      let failure = Failure(kind: "record", message: "what hub '\(upstream.hub)' keeps of it is not JSON", at: now)
      return IncomingRecord(
        key: delivered.key, number: delivered.number, content: delivered.content,
        digest: HashFunction.sha256.digest(delivered.content), state: .failed, failure: failure)
    }
  }

  func page(_ records: [IncomingRecord], _ next: Value?, _ now: Timestamp) -> SettledPage {
    var further = RunCounts()
    further.pages.new = records.count
    further.failed = records.count { $0.state == .failed }
    return SettledPage(
      records: records, next: next.map { NewQuery(payload: $0) }, claim: context.claim(flow, .source, with: further),
      now: now)
  }

  func count(_ result: SettledPageResult) {
    counters.add {
      $0.pages += result.counts
      $0.failed += result.counts.failed
    }
    if result.counts.new + result.counts.changed > 0 { recordsArrived() }
  }

  // MARK: - A system

  private struct Prefetched {
    let query: QueryTask
    let outcome: CallOutcome
  }

  func ask(_ program: QueryProgram, _ query: QueryTask) async -> CallOutcome {
    do {
      let own = query.parent.map { program.parameters(with: $0.parameters) }
      let request = try program.render(window: (query.from, query.to), page: query.page, with: own)
      counters.add { $0.requests += 1 }
      return await program.send(request, with: own)
    } catch {
      return .failed(CallFailure(kind: .rejected, message: "\(error)"))
    }
  }

  /// Keeps a page, and meanwhile asks for the next one: reading ahead has no effect on the source.
  private func keep(
    _ answer: Answer, _ program: QueryProgram, _ query: QueryTask, _ task: ClaimedTask
  ) async throws -> (ClaimedTask?, Prefetched?) {
    let page: QueryPage
    do {
      page = try program.read(answer, page: query.page)
    } catch {
      // A list that will not stand still is not read by trying the same page again: the pull ends, the next begins anew.
      let kind: FailureClass = error.code == .unsteadyList ? .rejected : .uncertain
      try await setBack(task, CallFailure(kind: kind, message: "\(error)", status: answer.status))
      return (nil, nil)
    }
    let details: [DetailProgram.Outcome]
    do throws(CallFailure) {
      details =
        try await program.detail?.complete(
          page.records, with: query.parent.map { program.parameters(with: $0.parameters) }
        ) { [counters] in counters.add { $0.requests += 1 } }
        ?? page.records.map { .whole($0) }
    } catch {
      try await setBack(task, error)
      return (nil, nil)
    }
    var next = page.next.map { place in
      var next = query
      next.page = place
      return next
    }
    let now = context.now()
    let records = details.map { incoming($0, query.parent, now) }
    var progress: ParentProgress?
    if let parent = query.parent, next == nil {
      next = query.nextSlice(flow.plan.source, program.firstPage)
      progress = ParentProgress(key: parent.key, readUntil: query.to, isWhole: next == nil)
    }
    var settled = self.page(records, next?.payload, now)
    settled.next?.parent = query.parent?.key
    settled.progress = progress
    settled.voidsVanished = flow.plan.target.void?.takesBackVanished ?? false
    let (kept, isLast) = (settled, settled.claim == nil)
    async let ahead: Prefetched? = prefetch(program, isLast ? nil : next)
    let result = try await context.store.settlePage(task.lease, kept)
    count(result)
    return (result.claimed.first, await ahead)
  }

  private func prefetch(_ program: QueryProgram, _ query: QueryTask?) async -> Prefetched? {
    guard let query else { return nil }
    return Prefetched(query: query, outcome: await ask(program, query))
  }

  private func incoming(
    _ outcome: DetailProgram.Outcome, _ parent: AskedParent?, _ now: Timestamp
  ) -> IncomingRecord {
    func whole(_ record: Value) -> IncomingRecord {
      guard let parent, let parents = flow.parents else { return incoming(record, now) }
      var incoming = incoming(parents.record(record, of: parent), now)
      incoming.parent = parent.key
      return incoming
    }
    switch outcome {
    case .whole(let record): return whole(record)
    case .refused(let listed, let failure):
      var record = whole(listed)
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
      let key = try flow.source.key(of: record)
      let number = flow.source.number(of: record)
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
      let key = (try? flow.source.key(of: record)) ?? "(no key) \(hex(digest.prefix(8)))"
      let failure = Failure(kind: "record", message: "\(error)", at: now)
      return IncomingRecord(
        key: key, number: nil, content: content, digest: digest, state: .failed, failure: failure)
    }
  }

  /// How long the query for one parent may hold up the pull, and with it all other parents: the next pull asks from where this
  /// parent is read to in any case.
  private static let longestHoldUp = TimeSpan(seconds: 300)

  func setBack(_ task: ClaimedTask, _ failure: CallFailure) async throws {
    let now = context.now()
    let kept = Failure(kind: failure.kind.rawValue, message: failure.message, status: failure.status, at: now)
    counters.note(kept)
    var setback = RetryLadder(
      milliseconds: flow.plan.source.retryMilliseconds, backoff: flow.plan.source.backoff
    ).setback(
      failure, attempts: task.attempts, now: now, repeatable: true)
    if case .retry(let time, _) = setback, time - now > QueryExecutor.longestHoldUp, task.isOfParent { setback = .give }
    try await context.store.setBack(task.lease, setback, kept, now: now)
  }
}

extension ClaimedTask {
  /// Whether it asks for one of the parents of a hub.
  fileprivate var isOfParent: Bool { (try? QueryTask(payload: payload))?.parent != nil }
}
