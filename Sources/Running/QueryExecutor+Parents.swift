import Connecting
import Keeping
import Plans
import Values

extension QueryExecutor {
  /// Reads a page of the list of parents, and queues a query for each of them.
  func list(_ listing: ParentListing, _ parents: ParentsProgram, _ task: ClaimedTask) async throws -> ClaimedTask? {
    let found: [Value]
    var next: ParentListing?
    switch (parents.lister, listing.place) {
    case (.upstream(let upstream), .records(let query)) where query.hub == upstream.hub:
      let delivered = try await context.store.deliveredRecords(
        of: query.hub, after: query.after, upTo: query.end, limit: UpstreamProgram.pageSize)
      found = delivered.compactMap { try? upstream.record(of: $0) }  // what is no JSON has failed in its own hub
      if delivered.count == UpstreamProgram.pageSize, let last = delivered.last {
        next = listing
        next?.place = .records(UpstreamQuery(hub: query.hub, after: last.position, end: query.end))
      }
    case (.query(let program), .page(let position)):
      let outcome = await context.cancellations.allowing(task.lease.task) {
        await ask(program, QueryTask(from: listing.to - TimeSpan(seconds: 1), to: listing.to, page: position))
      }
      switch outcome {
      case .failed(let failure):
        try await setBack(task, failure)
        return nil
      case .answered(let answer):
        do {
          let page = try program.read(answer, page: position)
          found = page.records
          if let place = page.next {
            next = listing
            next?.place = .page(place)
          }
        } catch {
          try await setBack(
            task, CallFailure(kind: .uncertain, message: "the list of parents: \(error)", status: answer.status))
          return nil
        }
      }
    default:
      try await setBack(task, otherSource("asked for each of other parents"))
      return nil
    }
    return try await keep(found, listing, next, parents, task)
  }

  private func keep(
    _ found: [Value], _ listing: ParentListing, _ next: ParentListing?, _ parents: ParentsProgram, _ task: ClaimedTask
  ) async throws -> ClaimedTask? {
    let now = context.now()
    var asked: [AskedParent] = []
    var listed: [ListedParent] = []
    for record in found {
      do {
        guard let parent = try parents.asked(for: record) else { continue }
        asked.append(parent)
        listed.append(ListedParent(parent.key, asked: parent.mark))
      } catch {
        let key = (try? parents.key(of: record)) ?? "(no key)"
        let failure = Failure(kind: "record", message: "source.parents: \(error)", at: now)
        listed.append(ListedParent(key, failure: failure))
      }
    }
    let number = listing.count + listed.count
    guard number <= parents.maximum else {
      let message =
        "there are more than \(parents.maximum) parents: narrow them with source.parents.when, or raise source.parents.maximum"
      try await setBack(task, CallFailure(kind: .rejected, message: message))
      return nil
    }
    let known = try await context.store.parents(
      ParentFilter(hub: flow.name, keys: asked.isEmpty ? ["\u{0}"] : asked.map(\.key), limit: asked.count))
    let watermarks = Dictionary(known.map { ($0.key, $0.readUntil.flatMap { Timestamp($0) }) }) { $1 }
    var next = next
    next?.count = number
    var page = page([], next?.payload, now)
    page.parents = ListedParents(listed, isLast: next == nil)
    page.further = asked.compactMap { parent in
      query(for: parent, watermarks[parent.key] ?? nil, listing).map {
        NewQuery(payload: $0.payload, parent: parent.key)
      }
    }
    let result = try await context.store.settlePage(task.lease, page)
    count(result)
    return result.claimed.first
  }

  /// The first query for a parent; nil where there is nothing to read yet.
  private func query(for parent: AskedParent, _ watermark: Timestamp?, _ listing: ParentListing) -> QueryTask? {
    guard case .query(let program) = flow.source else { return nil }
    let source = flow.plan.source
    let own = watermark.map { $0 - TimeSpan(milliseconds: source.overlapMilliseconds) }
    var from = listing.from ?? own ?? source.firstMoment(now: listing.to)
    // What moves the watermark must not leave out what is before it.
    if !listing.isRemedy, let own { from = min(from, own) }
    // An API that takes no window gives all it has each time.
    if source.api?.reading?.window == nil { from = min(from, listing.to - TimeSpan(seconds: 1)) }
    guard from < listing.to else { return nil }
    var task = QueryTask(from: from, to: source.endOfSlice(from: from, listing.to), page: program.firstPage)
    task.parent = parent
    task.end = listing.to
    return task
  }
}

extension QueryTask {
  /// The first query of the next slice of a parent's window; nil where this is the last one, or for no parent.
  func nextSlice(_ source: SourcePlan, _ first: PagePosition) -> QueryTask? {
    guard parent != nil, let end, to < end else { return nil }
    var next = self
    next.from = to
    next.to = source.endOfSlice(from: to, end)
    next.page = first
    return next
  }
}

extension SourcePlan {
  /// Where a slice ends that starts at a moment: by the API's maximum, and no later than the window.
  func endOfSlice(from: Timestamp, _ end: Timestamp) -> Timestamp {
    guard let span = api?.reading?.window?.maximumSpanMilliseconds, span > 0 else { return end }
    return min(from + TimeSpan(milliseconds: span), end)
  }
}
