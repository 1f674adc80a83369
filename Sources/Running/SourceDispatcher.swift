import Connecting
public import Keeping
import Plans
import Values

/// Works out which window of a source is to be read next, and puts its queries into the queue.
public struct SourceDispatcher: Sendable {
  private let context: RunContext

  /// A dispatcher of a process.
  public init(_ context: RunContext) { self.context = context }

  /// Starts a pull of `[watermark - overlap, now - settle)`, sliced by the API's maximum.
  ///
  /// - Parameter full: reads from the very start again; what is unchanged is not sent again.
  /// - Returns: the pull; nil where one is under way or there is nothing to read yet.
  @discardableResult
  public func dispatch(_ flow: Flow, full: Bool = false) async throws -> Pull? {
    guard let pull = try await newPull(flow, full: full) else { return nil }
    return try await context.store.openPull(pull)
  }

  /// Starts a pull that only adds what is missing, as the hub's `remedy` says.
  ///
  /// - Returns: the pull; nil where one is under way or the hub has no remedy.
  public func dispatchRemedy(_ flow: Flow) async throws -> Pull? {
    guard let remedy = flow.plan.source.remedy else { return nil }
    return try await context.store.openPull(try await newRemedy(flow, remedy))
  }

  /// The pull that is next; nil where there is nothing to read yet.
  ///
  /// - Parameter moment: the time it is to be as of, where that is not now.
  func newPull(_ flow: Flow, full: Bool = false, asOf moment: Timestamp? = nil) async throws -> NewPull? {
    if case .upstream(let upstream) = flow.source { return try await newPull(flow, of: upstream, full: full) }
    let now = moment ?? context.now()
    let source = flow.plan.source
    let watermark = try await context.store.watermark(hub: flow.name)
    let own = watermark.map { $0 - TimeSpan(milliseconds: source.overlapMilliseconds) }
    // What moves the watermark must not leave out what is before it.
    var from = full ? min(source.firstMoment(now: now), own ?? now) : own ?? source.firstMoment(now: now)
    // Vendors count in seconds: a window that ends within one would be cut differently by them and by the watermark.
    let to = Timestamp(seconds: (now - TimeSpan(milliseconds: source.settleMilliseconds)).seconds)
    // An API that takes no window gives all it has each time, even twice within a second.
    if source.api?.reading?.window == nil { from = min(from, to - TimeSpan(seconds: 1)) }
    if let parents = flow.parents {
      return try await newPull(flow, parents, full ? source.firstMoment(now: now) : nil, (from, to), .regular)
    }
    guard from < to else { return nil }
    return newPull(flow, from, to, .regular)
  }

  /// The pull of what another hub has delivered since the last one: up to what it has by now, so that it comes to an end.
  ///
  /// Its times are only to be looked at: what is read is told by positions.
  private func newPull(_ flow: Flow, of upstream: UpstreamProgram, full: Bool) async throws -> NewPull {
    let store = context.store
    try await store.keepDeliveries(of: upstream.hub)
    let cursor = full ? nil : try await store.cursor(hub: flow.name, upstream: upstream.hub)
    let end = try await store.latestDelivery(of: upstream.hub) ?? SourceDispatcher.beforeAll
    let now = context.now()
    let to = Timestamp(seconds: now.seconds)
    let from = try await store.watermark(hub: flow.name) ?? to
    let query = UpstreamQuery(hub: upstream.hub, after: cursor ?? SourceDispatcher.beforeAll, end: end)
    return NewPull(
      hub: flow.name, from: min(from, to - TimeSpan(seconds: 1)), to: to, queries: [NewQuery(payload: query.payload)],
      now: now)
  }

  /// A position before those of all records.
  static let beforeAll: Int64 = -(1 << 62)

  /// The pull of a remedy: a window of its own, whatever the watermark says.
  func newRemedy(_ flow: Flow, _ remedy: RemedyPlan) async throws -> NewPull {
    let now = context.now()
    let to = Timestamp(seconds: (now - TimeSpan(milliseconds: flow.plan.source.settleMilliseconds)).seconds)
    let from = Timestamp(seconds: (now - TimeSpan(milliseconds: remedy.lookBackMilliseconds)).seconds)
    let start = min(from, to - TimeSpan(seconds: 1))
    if let parents = flow.parents { return try await newPull(flow, parents, start, (start, to), .remedy) }
    return newPull(flow, start, to, .remedy)
  }

  /// The pull of a hub that asks for each of some parents: it begins with their list.
  ///
  /// - Parameters:
  ///   - from: where the window of each of them starts; nil where it is that parent's own watermark.
  ///   - window: the hub's, to be looked at.
  private func newPull(
    _ flow: Flow, _ parents: ParentsProgram, _ from: Timestamp?, _ window: (from: Timestamp, to: Timestamp),
    _ kind: NewPull.Kind
  ) async throws -> NewPull {
    let place: ParentListing.Place
    switch parents.lister {
    case .query(let query): place = .page(query.firstPage)
    case .upstream(let upstream):
      try await context.store.keepDeliveries(of: upstream.hub)
      let end = try await context.store.latestDelivery(of: upstream.hub) ?? SourceDispatcher.beforeAll
      place = .records(UpstreamQuery(hub: upstream.hub, after: SourceDispatcher.beforeAll, end: end))
    }
    var listing = ParentListing(from: from, to: window.to, place: place)
    listing.isRemedy = kind == .remedy
    return NewPull(
      hub: flow.name, from: min(window.from, window.to - TimeSpan(seconds: 1)), to: window.to,
      queries: [NewQuery(payload: listing.payload)], now: context.now(), kind: kind)
  }

  private func newPull(_ flow: Flow, _ from: Timestamp, _ to: Timestamp, _ kind: NewPull.Kind) -> NewPull {
    var queries: [NewQuery] = []
    if case .query(let query) = flow.source {
      queries = slices(from: from, to: to, flow.plan.source).map { slice in
        NewQuery(payload: QueryTask(from: slice.from, to: slice.to, page: query.firstPage).payload)
      }
    }
    return NewPull(hub: flow.name, from: from, to: to, queries: queries, now: context.now(), kind: kind)
  }

  private func slices(from: Timestamp, to: Timestamp, _ source: SourcePlan) -> [(from: Timestamp, to: Timestamp)] {
    guard let span = source.api?.reading?.window?.maximumSpanMilliseconds, span > 0 else { return [(from, to)] }
    var slices: [(from: Timestamp, to: Timestamp)] = []
    var start = from
    while start < to {
      let end = min(start + TimeSpan(milliseconds: span), to)
      slices.append((start, end))
      start = end
    }
    return slices
  }
}

extension SourcePlan {
  /// Where the first window starts.
  func firstMoment(now: Timestamp) -> Timestamp {
    if let start, let moment = Timestamp(start) { return moment }
    return Timestamp(seconds: (now - TimeSpan(milliseconds: lookBackMilliseconds)).seconds)
  }
}
