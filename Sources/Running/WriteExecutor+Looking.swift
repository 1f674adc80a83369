import Connecting
import Keeping
import Plans
import Values

extension Flow {
  /// How long the target may take to find what it was given.
  var lag: TimeSpan { TimeSpan(milliseconds: plan.target.lookup?.lagMilliseconds ?? 0) }

  /// True where what a write carries is looked up before it is sent again.
  func looksUp(_ payload: WritePayload) -> Bool {
    delivery.lookup != nil && payload.sought?.contains { $0 != nil } == true
  }
}

extension Flow {
  /// Whether a write of unknown outcome may be sent again; one that is to be looked up first and cannot be, since an earlier plan
  /// queued it, may not.
  func sendsAgain(_ payload: WritePayload) -> Bool {
    let cannotBeLookedUp = payload.operation == .write && delivery.lookup != nil && payload.sought == nil
    return sendsAgain(payload.operation) && !cannotBeLookedUp
  }
}

extension WriteExecutor {
  /// Looks up what a write carries, where it may have arrived or the hub says so; nil where it is to be sent.
  ///
  /// What is found is done. What is not found is looked up as often as the hub says, with the target's search lag between,
  /// and then sent: all of it as it was rendered, or, where some was found, the rest in a write of its own. Of what is
  /// found more than once only a person can say which it is.
  func lookBefore(_ job: WriteJob) async throws -> EarlyEnd? {
    guard let lookup = flow.delivery.lookup, let plan = flow.plan.target.lookup, flow.looksUp(job.payload),
      let sought = job.payload.sought, sought.count == job.units.count
    else { return nil }
    let doubt = job.task.doubt
    guard doubt != nil || plan.checksFirst else { return nil }
    let now = context.now()
    if let doubt, doubt.looks == 0 {
      let due = Timestamp(milliseconds: doubt.sinceMilliseconds) + flow.lag
      if now < due {
        let wait = Failure(kind: "lookup", message: "waits to be looked up: the target may not find it before", at: now)
        try await context.store.setBack(job.task.lease, .retry(at: due, countsAsAttempt: false), wait, now: now)
        return EarlyEnd(next: nil)
      }
    }
    guard try await holds(job) else { return EarlyEnd(next: nil) }
    let findings: [String: LookupFinding]
    do throws(CallFailure) {
      counters.add { $0.requests += 1 }
      findings = try await lookup.look(for: sought.compactMap(\.self))
    } catch {
      try await setBack(job, lookupFailure: error, now)
      return EarlyEnd(next: nil)
    }
    let found = sought.map { $0.flatMap { findings[$0] } ?? .missing }
    let missing = found.indices.filter { found[$0] == .missing }
    if !missing.isEmpty, let doubt, doubt.looks + 1 < plan.tries {
      let message = "not found at look \(doubt.looks + 1) of \(plan.tries)"
      try await context.store.setBack(
        job.task.lease, .retry(at: now + flow.lag, countsAsAttempt: false),
        Failure(kind: "notFound", message: message, at: now), now: now)
      return EarlyEnd(next: nil)
    }
    // Every attempt was made: what is not there now is not sent once more.
    let isOver = doubt != nil && job.task.attempts > RetryLadder(flow.plan.target).furtherAttempts
    if missing.count == found.count, !isOver { return nil }
    var end = WriteEnd(results: [], phase: .found)
    end.results = found.enumerated().map { place, finding in
      result(finding, sought[place] ?? "", isOver: isOver, now)
    }
    if !missing.isEmpty, !isOver { try await follow(job, with: missing, &end, now) }
    return EarlyEnd(next: try await settle(job, end))
  }

  /// Has records that an answer says nothing of tried again in a write of their own, as the hub declares it, and looked up
  /// before that where it does so.
  func tryUnansweredAgain(_ job: WriteJob, _ end: inout WriteEnd, _ now: Timestamp) async throws {
    let open = end.results.indices.filter { if case .again = end.results[$0] { true } else { false } }
    if open.isEmpty { return }
    let ladder = RetryLadder(flow.plan.target)
    let attempts = job.task.attempts
    let looksUp = flow.looksUp(job.payload)
    // After the last attempt it is looked up once more, see `lookBefore`.
    let isOver = attempts >= ladder.furtherAttempts && !(looksUp && attempts == ladder.furtherAttempts)
    let units = isOver ? [] : try await renderedAgain(job, now)
    var rest: [WriteUnit] = []
    for place in open {
      guard case .again(let failure) = end.results[place] else { continue }
      if isOver {
        end.results[place] = .uncertain(failure)
        continue
      }
      switch units[place] {
      case .success(let unit):
        rest.append(unit)
        end.results[place] = .goesOn
      case .failure:
        // Its content is another by now: what it was written as cannot be sent again, and the change may follow unless
        // somebody has to look first.
        if looksUp || job.payload.isEdited { end.results[place] = .uncertain(failure) }
      }
    }
    if rest.isEmpty { return }
    var write = try flow.write(of: rest, for: job.payload.operation, rest: job.payload.rest)
    write.isDoubtful = true
    write.attempts = attempts + 1
    let wait = TimeSpan(milliseconds: ladder.wait(after: attempts) ?? 0)
    write.due = now + (looksUp ? max(wait, flow.lag) : wait)
    end.followers.append(write)
  }

  private func result(_ finding: LookupFinding, _ sought: String, isOver: Bool, _ now: Timestamp) -> UnitResult {
    switch finding {
    case .one(let id): return .done(id: id)
    case .several(let ids):
      let names = ids.isEmpty ? "" : ": \(ids.prefix(5).joined(separator: ", "))"
      return .uncertain(
        Failure(kind: "severalFound", message: "looking up '\(sought)' found more than one\(names)", at: now))
    case .missing:
      let words = "every attempt was made, and looking up '\(sought)' does not find it"
      return isOver ? .uncertain(Failure(kind: "uncertain", message: words, at: now)) : .goesOn
    }
  }

  /// Lets the documents at these places be sent in a write of their own.
  private func follow(_ job: WriteJob, with places: [Int], _ end: inout WriteEnd, _ now: Timestamp) async throws {
    let units = try await renderedAgain(job, now)
    var rest: [WriteUnit] = []
    for place in places {
      switch units[place] {
      case .success(let unit): rest.append(unit)
      case .failure(let failure): end.results[place] = failure
      }
    }
    if !rest.isEmpty { end.followers.append(contentsOf: try parts(of: [rest], rest: job.payload.rest)) }
  }

  /// A lookup that fails says nothing about the write: it is made again as the hub declares it for its writes.
  private func setBack(_ job: WriteJob, lookupFailure failure: CallFailure, _ now: Timestamp) async throws {
    let isDoubtful = job.task.doubt != nil
    let kept = Failure(
      kind: "lookup", message: "looking it up: \(failure.message)", status: failure.status, at: now)
    counters.note(kept)
    let kind: FailureClass = failure.kind == .rateLimited ? .rateLimited : isDoubtful ? .uncertain : .notSent
    let setback = RetryLadder(flow.plan.target).setback(
      CallFailure(
        kind: kind, message: failure.message, retryAfter: failure.retryAfter, isHeldBack: failure.isHeldBack),
      attempts: job.task.attempts, now: now, repeatable: true)
    try await setBack(job, setback, kept, now)
  }
}
