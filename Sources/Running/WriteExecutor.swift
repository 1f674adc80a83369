import Connecting
import Keeping
import Plans
import Values

/// Runs write tasks: sends what was rendered, and settles what became of each record.
struct WriteExecutor: Sendable {
  let context: RunContext
  let flow: Flow
  let counters: RunCounters
  /// Called when a task has left the queue, however it ended.
  let settled: @Sendable () -> Void

  /// Runs a task and those that follow it in the queue, until none is due.
  func run(_ first: ClaimedTask) async throws {
    var current: ClaimedTask? = first
    while let task = current {
      defer { settled() }
      context.budget?.spend()
      current = try await send(task)
    }
  }

  private func send(_ task: ClaimedTask) async throws -> ClaimedTask? {
    // A process that stood still may come back when the task is another's by now.
    guard context.leases.isGood(task, now: context.now()) else {
      throw StoreError(.leaseLost, "the lease of task \(task.lease.task) may be over: it is not sent")
    }
    counters.add {
      $0.sent += task.items.count
      $0.requests += 1
    }
    let outcome: CallOutcome
    do {
      let request = try RenderedRequest(bytes: task.payload)
      outcome = await context.cancellations.allowing(task.lease.task) { await flow.write.send(request) }
    } catch {
      outcome = .failed(CallFailure(kind: .rejected, message: "the rendered request cannot be read: \(error)"))
    }
    switch outcome {
    case .answered(let answer): return try await settle(task, answer)
    case .failed(let failure): return try await settle(task, failure)
    }
  }

  // MARK: - An answer

  private func settle(_ task: ClaimedTask, _ answer: Answer) async throws -> ClaimedTask? {
    let verdicts: [ItemVerdict]
    do {
      verdicts = try flow.write.read(answer, count: task.items.count)
    } catch {
      let failure = CallFailure(
        kind: .uncertain, message: "\(error)", status: answer.status,
        duration: answer.duration)
      return try await settle(task, failure)
    }
    let now = context.now()
    let outcomes = zip(task.items, verdicts).map { item, verdict in
      ItemOutcome(item: item, result: result(verdict, task, answer, now))
    }
    return try await settle(
      task, outcomes, phase: .acknowledged, status: answer.status, text: nil, duration: answer.duration)
  }

  private func result(
    _ verdict: ItemVerdict, _ task: ClaimedTask, _ answer: Answer, _ now: Timestamp
  ) -> ItemOutcome.Result {
    switch verdict {
    case .taken(let id): return .done(id: id)
    case .exists(let id, let message): return exists(task, id: id, message, answer.status, now)
    case .refused(let message):
      return .failed(Failure(kind: "rejected", message: message, status: answer.status, at: now))
    case .unanswered(let message):
      let failure = Failure(kind: "uncertain", message: message, status: answer.status, at: now)
      return flow.plan.target.delivery.sendsAgain ? .again(failure) : .uncertain(failure)
    }
  }

  /// What it means that the target has the record already.
  ///
  /// With a key the target would have known our own write, so this is somebody else's record. Without one, a task that
  /// was begun before may have written it: then it is ours.
  private func exists(
    _ task: ClaimedTask, id: String?, _ message: String, _ status: Int, _ now: Timestamp
  ) -> ItemOutcome.Result {
    let mayBeOurs = task.lease.epoch > 1 && flow.plan.target.delivery != .idempotencyKey
    return mayBeOurs
      ? .done(id: id) : .failed(Failure(kind: "alreadyExists", message: message, status: status, at: now))
  }

  // MARK: - A failure

  private func settle(_ task: ClaimedTask, _ failure: CallFailure) async throws -> ClaimedTask? {
    let now = context.now()
    let kept = Failure(kind: failure.kind.rawValue, message: failure.message, status: failure.status, at: now)
    counters.note(kept)
    switch failure.kind {
    case .rejected, .alreadyExists:
      let outcomes = task.items.map { item in
        ItemOutcome(
          item: item,
          result: failure.kind == .alreadyExists
            ? exists(task, id: nil, failure.message, failure.status ?? 0, now) : .failed(kept))
      }
      return try await settle(
        task, outcomes, phase: .rejected, status: failure.status, text: failure.answerText,
        duration: failure.duration)
    case .rateLimited, .unauthenticated, .notSent, .uncertain:
      let setback = RetryLadder(
        milliseconds: flow.plan.target.retryMilliseconds, backoff: flow.plan.target.backoff
      ).setback(
        failure, attempts: task.attempts, now: now, repeatable: flow.plan.target.delivery.sendsAgain)
      counters.add {
        switch setback {
        case .retry: $0.retried += task.items.count
        case .give: $0.failed += task.items.count
        case .uncertain: $0.uncertain += task.items.count
        }
      }
      try await context.store.setBack(task.lease, setback, kept, now: now)
      return nil
    }
  }

  private func settle(
    _ task: ClaimedTask, _ outcomes: [ItemOutcome], phase: SendPhase, status: Int?, text: String?, duration: Duration
  ) async throws -> ClaimedTask? {
    let settlement = WriteSettlement(
      outcomes: outcomes, phase: phase, status: status, answer: text,
      durationMilliseconds: TimeSpan(duration).milliseconds, claim: context.claim(flow, .target),
      now: context.now())
    let claimed = try await context.store.settleWrite(task.lease, settlement)
    count(outcomes)
    return claimed.first
  }

  private func count(_ outcomes: [ItemOutcome]) {
    var change = RunCounts()
    for outcome in outcomes {
      switch outcome.result {
      case .done: change.done += 1
      case .failed(let failure):
        change.failed += 1
        counters.note(failure)
      case .again: change.retried += 1
      case .uncertain(let failure):
        change.uncertain += 1
        counters.note(failure)
      }
    }
    counters.add {
      $0.done += change.done
      $0.failed += change.failed
      $0.retried += change.retried
      $0.uncertain += change.uncertain
    }
  }
}

extension TimeSpan {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanoseconds: attoseconds / 1_000_000_000)
  }
}
