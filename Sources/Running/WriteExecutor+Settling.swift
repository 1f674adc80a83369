import Connecting
import Keeping
import Values

extension WriteExecutor {
  /// Settles a task: what became of each record, and the calls that follow where it went well.
  func settle(_ job: WriteJob, _ end: WriteEnd) async throws -> ClaimedTask? {
    if job.payload.operation == .writeBack { return try await settleBack(job, end) }
    var settlement = WriteSettlement(
      outcomes: [], phase: end.phase, status: end.status, answer: end.text,
      durationMilliseconds: TimeSpan(end.duration).milliseconds, claim: nil, now: context.now())
    settlement.followers = end.followers
    settlement.note = end.note
    let operation = job.payload.operation
    if operation.isStep, let name = operation.name { settlement.steps = steps(name, job, end) }
    if job.payload.isFannedOut {
      settleDocuments(job, end, &settlement)
    } else if operation == .void {
      settlement.outcomes = outcomes(job, end) { _ in .voided }
    } else if let next = flow.delivery.next(after: operation) {
      settlement.followers += calls(next, job, end)
      settlement.outcomes = outcomes(job, end) { .delivered(id: $0) }
    } else {
      // What a follow-up is called at the target is not what its record is.
      let keepsID = !operation.isStep
      settlement.outcomes = outcomes(job, end) { .done(id: keepsID ? $0 : nil) }
      settlement.followers += writeBacks(job, end)
    }
    let counts = RunCounts(settlement.outcomes)
    settlement.claim = context.claim(flow, .target, with: counts)
    let claimed = try await context.store.settleWrite(job.task.lease, settlement)
    count(counts, settlement.outcomes)
    return claimed.first
  }

  /// The outcome of each record: that of its document.
  private func outcomes(
    _ job: WriteJob, _ end: WriteEnd, done: (String?) -> ItemOutcome.Result
  ) -> [ItemOutcome] {
    var outcomes: [ItemOutcome] = []
    outcomes.reserveCapacity(job.task.items.count)
    for (items, result) in zip(job.units, end.results) {
      let outcome: ItemOutcome.Result =
        switch result {
        case .done(let id): done(id)
        case .failed(let failure): .failed(failure)
        case .again(let failure): .again(failure)
        case .uncertain(let failure): .uncertain(failure)
        case .goesOn: .goesOn
        }
      for item in items { outcomes.append(ItemOutcome(item: item, result: outcome)) }
    }
    return outcomes
  }

  /// Settles one of the writes of a record that becomes many documents: it is done when all of them are.
  ///
  /// One that was refused, or of which nobody knows, ends it: the others are sent when the record is sent again, and those
  /// that are done are not.
  private func settleDocuments(_ job: WriteJob, _ end: WriteEnd, _ settlement: inout WriteSettlement) {
    guard let item = job.task.items.first, let carried = job.payload.carried else { return }
    var outcome: ItemOutcome.Result?
    for (unit, result) in zip(carried, end.results) {
      let name = WriteUnit.name(of: unit.part ?? 0)
      switch result {
      case .done(let id): settlement.steps.append(DoneStep(item: item, name: name, id: id))
      case .uncertain(let failure), .again(let failure): outcome = .uncertain(failure.about(name))
      case .failed(let failure):
        if case .uncertain = outcome { continue }
        outcome = .failed(failure.about(name))
      case .goesOn: break
      }
    }
    if outcome != nil {
      settlement.followers = []
    } else if !settlement.followers.isEmpty {
      outcome = .goesOn
    } else if let rest = job.payload.rest, !rest.isEmpty {
      do {
        let units = rest.map { WriteUnit($0, items: job.task.items) }
        settlement.followers = [try flow.write(ofDocuments: units)]
        outcome = .goesOn
      } catch {
        outcome = .failed(Failure(kind: "mapping", message: "\(error)", at: settlement.now))
      }
    }
    settlement.outcomes = [ItemOutcome(item: item, result: outcome ?? .done(id: nil))]
  }

  /// What is kept of a call beside the write: that it was done, for each record it was done for.
  private func steps(_ name: String, _ job: WriteJob, _ end: WriteEnd) -> [DoneStep] {
    zip(job.units, end.results).flatMap { items, result -> [DoneStep] in
      guard case .done(let id) = result else { return [] }
      return items.map { DoneStep(item: $0, name: name, id: id) }
    }
  }

  /// The writes of the call that follows, for what went well.
  private func calls(_ step: DeliveryProgram.FollowUp, _ job: WriteJob, _ end: WriteEnd) -> [NewWrite] {
    let isWrite = !job.payload.operation.isStep
    var units: [WriteUnit] = []
    for (place, result) in end.results.enumerated() {
      guard case .done(let id) = result else { continue }
      // A write that was queued by a plan without follow-up calls carries no documents.
      let carried = job.payload.carried.flatMap { place < $0.count ? $0[place] : nil }
      var unit = WriteUnit(
        items: job.units[place],
        outgoing: OutgoingItem(
          document: carried?.document ?? .null, idempotencyKey: carried?.idempotencyKey ?? "",
          delivered: nil))
      unit.back = carried?.back
      units.append(unit.delivered(as: isWrite ? id ?? carried?.delivered?.id : carried?.delivered?.id))
    }
    let size = max(flow.batch(of: .followUp(step.name)), 1)
    return stride(from: 0, to: units.count, by: size).map { start in
      flow.write(following: Array(units[start..<min(start + size, units.count)]), with: step)
    }
  }

  /// The writes that write back what the target has now.
  private func writeBacks(_ job: WriteJob, _ end: WriteEnd) -> [NewWrite] {
    guard flow.writeBack != nil, let carried = job.payload.carried else { return [] }
    var writes: [NewWrite] = []
    for (place, result) in end.results.enumerated() where place < carried.count {
      guard case .done(let id) = result, let item = job.units[place].first else { continue }
      writes.append(flow.write(back: carried[place], of: item, id: job.payload.operation.isStep ? nil : id))
    }
    return writes
  }

  private func count(_ change: RunCounts, _ outcomes: [ItemOutcome]) {
    for outcome in outcomes {
      switch outcome.result {
      case .failed(let failure), .uncertain(let failure): counters.note(failure)
      case .done, .voided, .again, .goesOn, .delivered: break
      }
    }
    counters.add {
      $0.done += change.done
      $0.failed += change.failed
      $0.refused += change.refused
      $0.retried += change.retried
      $0.uncertain += change.uncertain
    }
  }
}

extension RunCounts {
  /// What the outcomes of a write come to.
  fileprivate init(_ outcomes: [ItemOutcome]) {
    self.init()
    for outcome in outcomes {
      switch outcome.result {
      case .done, .voided: done += 1
      case .failed:
        failed += 1
        refused += 1
      case .again: retried += 1
      case .uncertain: uncertain += 1
      case .goesOn, .delivered: break
      }
    }
  }
}

extension Failure {
  /// The failure with what it is about before its message.
  fileprivate func about(_ name: String) -> Failure {
    var copy = self
    copy.message = "\(name): \(message)"
    return copy
  }
}
