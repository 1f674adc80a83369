public import Values

/// One call of a platform, as a hub makes it.
public struct APIPlan: Codable, Sendable, Equatable {
  /// What a call does to the platform.
  public enum Effect: String, Codable, Sendable, CaseIterable {
    /// It reads: it may be made again at will.
    case query
    /// It writes.
    case execute
  }

  /// The standard API's name.
  public var name: String
  /// Whether it reads or writes.
  public var effect: Effect
  /// The HTTP method.
  public var method: String
  /// The path below the base URL; values in it are percent-encoded.
  public var path: String
  /// Parameters of the URL; templates by name.
  public var query: [String: Value]
  /// Headers; templates by name.
  public var headers: [String: Value]
  /// The body; a template.
  public var body: Value?
  /// How answers are judged; what is not said here is said by the platform.
  public var response: ResponsePlan
  /// For a query: how its records are got.
  public var reading: ReadingPlan?
  /// For a write: how its records are put.
  public var writing: WritingPlan?

  /// A call of its parts.
  public init(
    name: String, effect: Effect, method: String, path: String, query: [String: Value], headers: [String: Value],
    body: Value?, response: ResponsePlan, reading: ReadingPlan?, writing: WritingPlan?
  ) {
    self.name = name
    self.effect = effect
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.response = response
    self.reading = reading
    self.writing = writing
  }
}

/// How an answer is judged.
public struct ResponsePlan: Codable, Sendable, Equatable {
  /// True where the platform did what was asked; over `response`.
  public var success: String?
  /// The platform's own words about a failure; over `response`.
  public var message: String?
  /// The first that applies says what kind of failure it is.
  public var errors: [ErrorRule]

  /// Rules of their parts.
  public init(success: String? = nil, message: String? = nil, errors: [ErrorRule] = []) {
    self.success = success
    self.message = message
    self.errors = errors
  }
}

/// A rule that tells one kind of failure.
public struct ErrorRule: Codable, Sendable, Equatable {
  /// True where this is the failure; over `response`.
  public var when: String
  /// What kind of failure it is.
  public var outcome: FailureClass
  /// How many seconds to wait, where the answer says so; over `response`.
  public var wait: String?

  /// A rule of its parts.
  public init(when: String, outcome: FailureClass, wait: String? = nil) {
    self.when = when
    self.outcome = outcome
    self.wait = wait
  }
}

/// The kinds of failure a platform may name.
public enum FailureClass: String, Codable, Sendable, CaseIterable {
  /// Too many calls: wait, and the attempt does not count.
  case rateLimited
  /// The token or the login is no longer good: log in again, once, and go on.
  case unauthenticated
  /// It has the record already.
  case alreadyExists
  /// It will not take this, however often it is sent.
  case rejected
  /// Nothing was done, and it may be tried again.
  case notSent
  /// It may or may not have been done.
  case uncertain
}

/// How a query's records are got.
public struct ReadingPlan: Codable, Sendable, Equatable {
  /// Where the records stand in the answer: a list; over `response`.
  public var records: String
  /// A record's key; over `record`.
  public var key: String
  /// The number people know a record by; over `record`.
  public var number: String?
  /// The most time one query may span; nil where the API takes no window.
  public var window: WindowPlan?
  /// How one page leads to the next.
  public var paging: PagingPlan
  /// A second call that gives each record of the list whole.
  public var detail: DetailPlan?

  /// Reading of its parts.
  public init(
    records: String, key: String, number: String?, window: WindowPlan?, paging: PagingPlan, detail: DetailPlan? = nil
  ) {
    self.detail = detail
    self.records = records
    self.key = key
    self.number = number
    self.window = window
    self.paging = paging
  }
}

/// A second call for each record of a list.
public struct DetailPlan: Codable, Sendable, Equatable {
  /// The HTTP method.
  public var method: String
  /// The path below the base URL; over `record`, `with`, `connector`.
  public var path: String
  /// Parameters of the URL; templates by name.
  public var query: [String: Value]
  /// Headers; templates by name.
  public var headers: [String: Value]
  /// The body; a template.
  public var body: Value?
  /// How answers are judged; what is not said here is said by the platform.
  public var response: ResponsePlan
  /// The record in the answer; over `response`.
  public var record: String
  /// Where the record of the list is kept in the whole one; nil where it is not.
  public var into: String?
  /// Which records of the list have more than the list tells; over `record`.
  public var when: String?
  /// How many such calls may be under way at once.
  public var concurrency: Int

  /// A call of its parts.
  public init(
    method: String, path: String, query: [String: Value], headers: [String: Value], body: Value?,
    response: ResponsePlan, record: String, into: String?, when: String?, concurrency: Int
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.response = response
    self.record = record
    self.into = into
    self.when = when
    self.concurrency = concurrency
  }
}

/// The window of time a query asks for.
public struct WindowPlan: Codable, Sendable, Equatable {
  /// The most time one query may span.
  public var maximumSpanMilliseconds: Int64?

  /// A window of at most so long.
  public init(maximumSpanMilliseconds: Int64?) { self.maximumSpanMilliseconds = maximumSpanMilliseconds }
}

/// How one page leads to the next.
public struct PagingPlan: Codable, Sendable, Equatable {
  /// The ways of paging.
  public enum Kind: String, Codable, Sendable, CaseIterable {
    /// One answer holds everything.
    case none
    /// Pages have numbers.
    case page
    /// Each answer says how the next page is asked for.
    case cursor
    /// Pages are asked for by how many records come before them.
    case offset
  }

  /// Which page is read first.
  public enum Order: String, Codable, Sendable, CaseIterable {
    case forward
    /// From the last page to the first: a record that leaves the list meanwhile makes later ones move up, to where nothing
    /// has been read yet.
    case reverse
  }

  /// The way.
  public var kind: Kind
  /// The number of the first page.
  public var start: Int64
  /// How many records to ask for.
  public var size: Int64
  /// Page numbers: true where there is a further page; over `response`, `page` and `records`.
  public var more: String?
  /// Cursors: the next page's cursor, null or empty after the last; over `response` and `records`.
  public var next: String?
  /// Which page is read first; nil for the usual way, forward.
  public var order: Order?
  /// Pages in reverse: how many there are; over `response`.
  public var pages: String?
  /// How many records the platform says there are in all pages together; over `response`.
  public var total: String?

  /// Paging of its parts.
  public init(
    kind: Kind, start: Int64, size: Int64, more: String?, next: String?, order: Order? = nil, pages: String? = nil,
    total: String? = nil
  ) {
    self.order = order
    self.pages = pages
    self.total = total
    self.kind = kind
    self.start = start
    self.size = size
    self.more = more
    self.next = next
  }
}

/// How a write's records are put.
public struct WritingPlan: Codable, Sendable, Equatable {
  /// The most records one request takes; 1 where it takes no list.
  public var maximumItems: Int
  /// What stands in the list for one record; over `document` and `idempotencyKey`.
  public var item: Value?
  /// True where the platform knows a repeated write by the key the request carries.
  public var honoursIdempotencyKey: Bool
  /// The answers for the single records: a list; over `response`.
  ///
  /// Nil where the answer as a whole stands for all.
  public var results: String?
  /// Which record an answer is for, counted from 0; over `result` and `index`.
  public var index: String?
  /// True where the record was taken; over `result`.
  public var success: String?
  /// The name the platform gave it; over `result` (or `response`, where there are no single answers).
  public var id: String?
  /// The platform's words about a record it did not take; over `result`.
  public var message: String?
  /// True where the platform has the record already; over `result`.
  public var exists: String?

  /// Writing of its parts.
  public init(
    maximumItems: Int, item: Value?, honoursIdempotencyKey: Bool, results: String?, index: String?, success: String?,
    id: String?, message: String?, exists: String?
  ) {
    self.maximumItems = maximumItems
    self.item = item
    self.honoursIdempotencyKey = honoursIdempotencyKey
    self.results = results
    self.index = index
    self.success = success
    self.id = id
    self.message = message
    self.exists = exists
  }
}
