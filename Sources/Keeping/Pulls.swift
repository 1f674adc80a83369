public import Values

/// A pull to be started: one window of a source, cut into queries.
public struct NewPull: Sendable {
  /// What a pull is for.
  ///
  /// The raw values are what stores keep.
  public enum Kind: Int, Sendable {
    /// It reads what is new; the watermark moves to its end.
    case regular = 0
    /// It only adds records that are missing: it changes none, and leaves the watermark.
    case remedy = 1
  }

  /// What it is for.
  public var kind: Kind
  /// The hub.
  public var hub: String
  /// Where the window starts.
  public var from: Timestamp
  /// Where it ends; the watermark moves here when every query has been settled.
  public var to: Timestamp
  /// The first query of each slice, in order.
  public var queries: [NewQuery]
  /// The time now.
  public var now: Timestamp

  /// A pull of its parts.
  public init(
    hub: String, from: Timestamp, to: Timestamp, queries: [NewQuery], now: Timestamp, kind: Kind = .regular
  ) {
    self.kind = kind
    self.hub = hub
    self.from = from
    self.to = to
    self.queries = queries
    self.now = now
  }
}

/// A pull that has been started.
public struct Pull: Sendable, Equatable, Codable {
  /// Its number.
  public var id: Int64
  /// Where the window starts, in milliseconds since 1970.
  public var fromMilliseconds: Int64
  /// Where it ends.
  public var toMilliseconds: Int64
  /// How many queries of it are not settled.
  public var openQueries: Int

  /// A pull of its parts.
  public init(id: Int64, fromMilliseconds: Int64, toMilliseconds: Int64, openQueries: Int) {
    self.id = id
    self.fromMilliseconds = fromMilliseconds
    self.toMilliseconds = toMilliseconds
    self.openQueries = openQueries
  }
}

/// What a query brought.
public struct SettledPage: Sendable {
  /// The records.
  public var records: [IncomingRecord]
  /// The query for the next page, if there is one; it takes the place of the settled one.
  public var next: NewQuery?
  /// Asks for the task that comes next: the next page first.
  public var claim: ClaimRequest?
  /// The time now.
  public var now: Timestamp
  /// True where the pull brings all the source has: with its last page, delivered records that were in none of them are
  /// pending, and vanished.
  public var voidsVanished = false
  /// How far another hub's delivered records have been read with it; it moves together with what it keeps, and never back.
  public var cursor: UpstreamCursor?
  /// The parents it lists, of a hub that asks for each of some.
  public var parents: ListedParents?
  /// Queries that join the pull.
  public var further: [NewQuery] = []
  /// How far a parent is read with it; its watermark moves together with what it keeps, and never back.
  public var progress: ParentProgress?

  /// A page of its parts.
  public init(records: [IncomingRecord], next: NewQuery?, claim: ClaimRequest?, now: Timestamp) {
    self.records = records
    self.next = next
    self.claim = claim
    self.now = now
  }
}

/// What keeping a page came to.
public struct SettledPageResult: Sendable {
  /// How many records were what.
  public var counts: PageCounts
  /// True where this was the last query of its pull: the watermark has moved.
  public var pullIsComplete: Bool
  /// What was claimed in the same transaction.
  public var claimed: [ClaimedTask]

  /// A result of its parts.
  public init(counts: PageCounts, pullIsComplete: Bool, claimed: [ClaimedTask]) {
    self.counts = counts
    self.pullIsComplete = pullIsComplete
    self.claimed = claimed
  }
}

/// The end of a write.
public struct WriteSettlement: Sendable {
  /// What became of each record.
  public var outcomes: [ItemOutcome]
  /// What the ledger says of the request.
  public var phase: SendPhase
  /// The status the target answered with.
  public var status: Int?
  /// The target's answer, cut to a reasonable length.
  public var answer: String?
  /// How long the exchange took.
  public var durationMilliseconds: Int64
  /// Asks for the tasks that come next.
  public var claim: ClaimRequest?
  /// The time now.
  public var now: Timestamp
  /// Writes that go on with records of this one, in its place of the queue: the parts it is split into, follow-up calls.
  ///
  /// The records they carry become theirs.
  public var followers: [NewWrite] = []
  /// What was done for which records, beside the write itself.
  public var steps: [DoneStep] = []
  /// What a person is to know of how it ended.
  public var note: Failure?

  /// A settlement of its parts.
  public init(
    outcomes: [ItemOutcome], phase: SendPhase, status: Int?, answer: String?, durationMilliseconds: Int64,
    claim: ClaimRequest?, now: Timestamp
  ) {
    self.outcomes = outcomes
    self.phase = phase
    self.status = status
    self.answer = answer
    self.durationMilliseconds = durationMilliseconds
    self.claim = claim
    self.now = now
  }
}
