import Connecting
import Keeping
import Plans
import Values

/// A document of a write, made anew; or what becomes of its record where it cannot be.
enum RenderedAgain: Sendable {
  case success(WriteUnit)
  case failure(UnitResult)
}

extension WriteExecutor {
  /// How many refusals a write of so many documents may meet, it and its parts together, before any of it was taken.
  ///
  /// With one bad record among good ones the way to it takes the logarithm; a few more let several bad ones stand side by
  /// side. An API that refuses everything is found out with so many requests.
  static func mostRefusals(of units: Int) -> Int {
    let halvings = units <= 1 ? 0 : Int.bitWidth - (units - 1).leadingZeroBitCount
    return halvings + 4
  }

  /// Splits a batch that was refused as a whole: two parts take its place, until the bad record stands alone.
  func split(_ job: WriteJob, _ end: inout WriteEnd, _ failure: Failure, _ now: Timestamp) async throws {
    let split =
      job.payload.split
      ?? WritePayload.Split(origin: job.task.lease.task, units: job.units.count, reason: failure.message)
    if job.payload.split != nil {
      let progress = try await context.store.splitProgress(of: split.origin)
      // The refusal that is being settled is not in the ledger yet.
      if isHopeless(split, refused: progress.refused + 1, taken: progress.taken) {
        end.results = job.units.map { _ in .failed(givenUp(failure, split)) }
        return
      }
    }
    let units = try await renderedAgain(job, now)
    let middle = (units.count + 1) / 2
    var halves: [[WriteUnit]] = [[], []]
    for (place, unit) in units.enumerated() {
      switch unit {
      case .success(let unit):
        halves[place < middle ? 0 : 1].append(unit)
        end.results[place] = .goesOn
      case .failure(let result): end.results[place] = result
      }
    }
    end.followers = try parts(of: halves, for: job.payload.operation, split)
    end.note = failure
  }

  /// Ends a part without sending it where its write was refused so often that no part of it will be taken.
  func giveUp(_ job: WriteJob, _ split: WritePayload.Split) async throws -> EarlyEnd? {
    let progress = try await context.store.splitProgress(of: split.origin)
    guard isHopeless(split, refused: progress.refused, taken: progress.taken) else { return nil }
    let failure = Failure(kind: "rejected", message: split.reason, at: context.now())
    let end = WriteEnd(
      results: job.units.map { _ in .failed(givenUp(failure, split)) }, phase: .notSent)
    return EarlyEnd(next: try await settle(job, end))
  }

  /// Writes of documents that were in another write; empty parts are none.
  func parts(
    of parts: [[WriteUnit]], for operation: WriteOperation = .write, _ split: WritePayload.Split? = nil,
    rest: [WritePayload.Carried]? = nil
  ) throws -> [NewWrite] {
    try parts.filter { !$0.isEmpty }.map { units in
      var write = try flow.write(of: units, for: operation, split, rest: rest)
      write.origin = split?.origin
      return write
    }
  }

  /// The documents of a write: as it carries them, else rendered anew from records that have not changed since.
  ///
  /// Of one that a person edited neither is what was sent.
  func renderedAgain(_ job: WriteJob, _ now: Timestamp) async throws -> [RenderedAgain] {
    if job.payload.isEdited {
      let message = "a person edited its write, so that it cannot be rendered again"
      return job.units.map { _ in .failure(.uncertain(Failure(kind: "uncertain", message: message, at: now))) }
    }
    if let carried = job.payload.carried, carried.count == job.units.count {
      return zip(job.units, carried).enumerated().map { place, pair in
        let (items, carried) = pair
        var unit = WriteUnit(carried, items: items)
        unit.sought = job.payload.sought?[place]
        return .success(unit)
      }
    }
    let records = try await context.store.recordsInWrite(hub: flow.name, job.task.items)
    _ = try await flow.tables.refresh(from: context.store)
    let finder = StoreFinder(store: context.store, lookups: flow.plan.lookups ?? [])
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    var rendered = try await renderer.render(records.compactMap(\.self)).makeIterator()
    return records.enumerated().map { place, record in
      guard record != nil, let outcome = rendered.next() else {
        return .failure(.again(Failure(kind: "changed", message: "the record has changed since", at: now)))
      }
      switch outcome {
      case .document(let document):
        var unit = WriteUnit(document)
        unit.sought = job.payload.sought?[place]
        return .success(unit)
      // What was found when it was rendered first is there no more: as pending, it waits for it.
      case .failed(let failure, _, _) where failure.kind == Failure.waitingKind: return .failure(.again(failure))
      case .failed(let failure, _, _): return .failure(.failed(failure))
      }
    }
  }

  private func isHopeless(_ split: WritePayload.Split, refused: Int, taken: Int) -> Bool {
    taken == 0 && refused >= WriteExecutor.mostRefusals(of: split.units)
  }

  private func givenUp(_ failure: Failure, _ split: WritePayload.Split) -> Failure {
    var copy = failure
    copy.message +=
      "; the write and its parts were refused \(WriteExecutor.mostRefusals(of: split.units)) times and nothing of it "
      + "was taken, so the rest is not tried (task \(split.origin))"
    return copy
  }
}
