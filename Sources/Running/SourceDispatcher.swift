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
    let now = context.now()
    let source = flow.plan.source
    let watermark = full ? nil : try await context.store.watermark(hub: flow.name)
    var from = watermark.map { $0 - TimeSpan(milliseconds: source.overlapMilliseconds) } ?? source.firstMoment(now: now)
    // Vendors count in seconds: a window that ends within one would be cut differently by them and by the watermark.
    let to = Timestamp(seconds: (now - TimeSpan(milliseconds: source.settleMilliseconds)).seconds)
    // An API that takes no window gives all it has each time, even twice within a second.
    if source.api.reading?.window == nil { from = min(from, to - TimeSpan(seconds: 1)) }
    guard from < to else { return nil }
    let queries = slices(from: from, to: to, source).map { slice in
      NewQuery(payload: QueryTask(from: slice.from, to: slice.to, page: flow.query.firstPage).payload)
    }
    return try await context.store.openPull(
      NewPull(hub: flow.name, from: from, to: to, queries: queries, now: now))
  }

  private func slices(from: Timestamp, to: Timestamp, _ source: SourcePlan) -> [(from: Timestamp, to: Timestamp)] {
    guard let span = source.api.reading?.window?.maximumSpanMilliseconds, span > 0 else { return [(from, to)] }
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
  fileprivate func firstMoment(now: Timestamp) -> Timestamp {
    if let start, let moment = Timestamp(start) { return moment }
    return Timestamp(seconds: (now - TimeSpan(milliseconds: lookBackMilliseconds)).seconds)
  }
}
