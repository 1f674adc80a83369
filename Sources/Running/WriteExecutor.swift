import Connecting
import Keeping
import Plans
import Values

/// Runs write tasks: looks up what may have arrived, sends what was rendered, and settles what became of each record.
///
/// Parts of it: `WriteExecutor+Looking` (before a write is sent again), `WriteExecutor+Splitting` (a batch that was refused as
/// a whole), `WriteExecutor+Settling` (the end of a task, and what follows it).
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
      current = try await run(WriteJob(task))
    }
  }

  private func run(_ job: WriteJob) async throws -> ClaimedTask? {
    if let problem = job.payload.problem {
      return try await settle(job, CallFailure(kind: .rejected, message: problem))
    }
    guard let request = job.payload.request, let program = flow.program(for: job.payload.operation) else {
      let message = "the plan has no call '\(job.payload.operation.name ?? "")' any more"
      return try await settle(job, CallFailure(kind: .rejected, message: message))
    }
    if let split = job.payload.split, let end = try await giveUp(job, split) { return end.next }
    if let end = try await lookBefore(job) { return end.next }
    guard try await holds(job) else { return nil }
    counters.add {
      if !job.payload.operation.isStep { $0.sent += job.task.items.count }
      $0.requests += 1
    }
    let outcome = await context.cancellations.allowing(job.task.lease.task) { await program.send(request) }
    switch outcome {
    case .answered(let answer): return try await settle(job, answer, program)
    case .failed(let failure): return try await settle(job, failure)
    }
  }

  /// Whether the task is this process's own for long enough; else it is put back, and nothing of it is sent.
  ///
  /// A process that stood still may come back when the task is another's by now.
  ///
  /// - Throws: ``Keeping/StoreError`` `leaseLost` where it is.
  func holds(_ job: WriteJob) async throws -> Bool {
    let now = context.now()
    if context.leases.isGood(job.task, now: now) { return true }
    let failure = Failure(kind: "notSent", message: "not sent: the worker stood still for too long", at: now)
    try await context.store.setBack(job.task.lease, .retry(at: now, countsAsAttempt: false), failure, now: now)
    return false
  }

  // MARK: - An answer

  private func settle(_ job: WriteJob, _ answer: Answer, _ program: WriteProgram) async throws -> ClaimedTask? {
    let verdicts: [ItemVerdict]
    do {
      verdicts = try program.read(answer, count: job.units.count)
    } catch {
      let failure = CallFailure(
        kind: .uncertain, message: "\(error)", status: answer.status,
        duration: answer.duration)
      return try await settle(job, failure)
    }
    let now = context.now()
    var end = WriteEnd(
      results: verdicts.map { result($0, job, answer, now) }, phase: .acknowledged, status: answer.status,
      duration: answer.duration)
    try await tryUnansweredAgain(job, &end, now)
    return try await settle(job, end)
  }

  private func result(_ verdict: ItemVerdict, _ job: WriteJob, _ answer: Answer, _ now: Timestamp) -> UnitResult {
    switch verdict {
    case .taken(let id): return .done(id: id)
    case .exists(let id, let message): return exists(job, id: id, message, answer.status, now)
    case .refused(let message):
      return .failed(Failure(kind: "rejected", message: job.told(message), status: answer.status, at: now))
    case .unanswered(let message):
      let failure = Failure(kind: "uncertain", message: job.told(message), status: answer.status, at: now)
      return flow.sendsAgain(job.payload) ? .again(failure) : .uncertain(failure)
    }
  }

  /// What it means that the target has the record already.
  ///
  /// With a key the target would have known our own write, so this is somebody else's record. Without one, an attempt that
  /// was made before may have written it: then it is ours. A call beside the write that was made already is done.
  func exists(_ job: WriteJob, id: String?, _ message: String, _ status: Int, _ now: Timestamp) -> UnitResult {
    if job.payload.operation.isStep { return .done(id: id) }
    let mayBeOurs = job.task.doubt != nil && flow.plan.target.delivery != .idempotencyKey
    return mayBeOurs
      ? .done(id: id)
      : .failed(Failure(kind: "alreadyExists", message: job.told(message), status: status, at: now))
  }

  // MARK: - A failure

  private func settle(_ job: WriteJob, _ failure: CallFailure) async throws -> ClaimedTask? {
    let now = context.now()
    let kept = Failure(
      kind: failure.kind.rawValue, message: job.told(failure.message), status: failure.status, at: now)
    counters.note(kept)
    switch failure.kind {
    case .rejected, .alreadyExists:
      var end = WriteEnd(
        results: job.units.map { _ in
          failure.kind == .alreadyExists
            ? exists(job, id: nil, failure.message, failure.status ?? 0, now) : .failed(kept)
        }, phase: .rejected, status: failure.status, text: failure.answerText, duration: failure.duration)
      if job.units.count > 1, !job.payload.isFannedOut, !job.payload.isEdited { try await split(job, &end, kept, now) }
      return try await settle(job, end)
    case .rateLimited, .unauthenticated, .notSent, .uncertain:
      try await setBack(job, failure, kept, now)
      return nil
    }
  }

  /// Tries again later, or gives up, as the hub declares it.
  func setBack(_ job: WriteJob, _ failure: CallFailure, _ kept: Failure, _ now: Timestamp) async throws {
    let ladder = RetryLadder(flow.plan.target)
    var setback = ladder.setback(
      failure, attempts: job.task.attempts, now: now, repeatable: flow.sendsAgain(job.payload))
    // After the last attempt what may have arrived is looked up once more; see `lookBefore`.
    if setback == .uncertain, flow.looksUp(job.payload), job.task.attempts <= ladder.furtherAttempts {
      setback = .retry(at: now + flow.lag, countsAsAttempt: true)
    }
    try await setBack(job, setback, kept, now)
  }

  /// Sets a task back as it is said.
  func setBack(_ job: WriteJob, _ setback: TaskSetback, _ kept: Failure, _ now: Timestamp) async throws {
    // A write-back has no record that a person would have to decide about.
    let setback = setback == .uncertain && job.payload.operation == .writeBack ? .give : setback
    counters.add {
      switch setback {
      case .retry: $0.retried += job.task.items.count
      case .give:
        $0.failed += job.task.items.count
        $0.refused += job.task.items.count
      case .uncertain: $0.uncertain += job.task.items.count
      }
    }
    try await context.store.setBack(job.task.lease, setback, kept, now: now)
  }
}

/// A claimed write with what it keeps.
struct WriteJob: Sendable {
  let task: ClaimedTask
  let payload: WritePayload
  /// The records of each document.
  let units: [[WriteItem]]

  init(_ task: ClaimedTask) {
    self.task = task
    do throws(ConnectingError) {
      payload = try WritePayload(bytes: task.payload)
    } catch {
      payload = WritePayload(problem: "the rendered request cannot be read: \(error)")
    }
    units = payload.units(of: task.items)
  }

  /// What is said of it, with the name of the call where it is not the write itself.
  func told(_ message: String) -> String {
    payload.operation.prefix + message
  }
}

/// How a write ended.
struct WriteEnd: Sendable {
  /// What became of each document.
  var results: [UnitResult]
  var phase: SendPhase
  var status: Int?
  var text: String?
  var duration: Duration = .zero
  /// Writes that go on with records of this one.
  var followers: [NewWrite] = []
  /// What a person is to know of how it ended.
  var note: Failure?
}

/// That a task has ended without being sent, and the one that was claimed with that.
struct EarlyEnd: Sendable {
  let next: ClaimedTask?
}

extension TimeSpan {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self.init(seconds: seconds, nanoseconds: attoseconds / 1_000_000_000)
  }
}
