import Expressions
public import Plans
import Templates
public import Values

/// Where in a query's pages a request stands.
public struct PagePosition: Codable, Sendable, Hashable {
  /// The number of the page; for paging by offset, how many records come before it.
  public var number: Int64
  /// How many records are asked for.
  public var size: Int64
  /// What the answer before said the next page is asked for with; nil for the first.
  public var cursor: String?
  /// What the pages before told of all of them together; nil where nothing is counted.
  public var course: Course?

  /// What is known of a list while its pages are read.
  public struct Course: Codable, Sendable, Hashable {
    /// How many records the pages so far had.
    public var seen: Int64 = 0
    /// How many records there were when the first page was read.
    public var total: Int64?
    /// How often the list has been begun anew, as it changed while it was read.
    public var round: Int64 = 0
    /// Pages in reverse: that how many there are is known, and the last has been begun with.
    public var isDescending = false

    /// A list of which nothing has been read.
    public init() {}
  }

  /// A position of its parts.
  public init(number: Int64, size: Int64, cursor: String? = nil, course: Course? = nil) {
    self.number = number
    self.size = size
    self.cursor = cursor
    self.course = course
  }

  /// As expressions see it: `number`, `offset`, `size`, `cursor`.
  var value: Value {
    .map(
      ValueMap(
        shape: PagePosition.shape,
        values: [.int(number), .int(number), .int(size), cursor.map { .string($0) } ?? .null]))
  }

  private static let shape = Shape(names: ["number", "offset", "size", "cursor"])
}

/// What one page of a query gave.
public struct QueryPage: Sendable {
  /// The records.
  public let records: [Value]
  /// Where the next page stands; nil after the last.
  public let next: PagePosition?
}

/// A query of a hub, lowered: makes requests for pages and takes records out of answers.
///
/// A class, since every page has it at hand, and nothing in it changes.
public final class QueryProgram: Sendable {
  /// More pages than this are taken for a platform that does not end.
  public static let maximumPages: Int64 = 1_000_000

  /// How answers are judged.
  public let rules: ResponseRules
  let name: String
  private let connector: ConnectorClient
  private let parameters: Value
  let reading: ReadingPlan
  private let templates: APITemplates
  private let records: Expression
  private let key: Expression
  private let number: Expression?
  let more: Expression?
  let next: Expression?
  let pages: Expression?
  let total: Expression?
  /// The second call for each record, where the list does not tell all.
  public let detail: DetailProgram?

  /// Lowers a query.
  ///
  /// - Parameter parameters: what the hub gives the API, `with`.
  /// - Throws: ``ConnectingError`` where the API is no query or one of its templates cannot be used.
  public init(api: APIPlan, connector: ConnectorClient, with parameters: Value) throws(ConnectingError) {
    guard api.effect == .query, let reading = api.reading else {
      throw ConnectingError(.badTemplate, "API '\(api.name)' is not a query")
    }
    name = api.name
    self.connector = connector
    self.parameters = parameters
    self.reading = reading
    templates = try APITemplates(api, connector, with: parameters)
    do throws(ConnectingError) {
      records = try Expression(reading.records, in: .response, at: "records")
      key = try Expression(reading.key, in: .record, at: "record.key")
      number = try .optional(reading.number, in: .record, at: "record.number")
      more = try .optional(reading.paging.more, in: .paging, at: "paging.more")
      next = try .optional(reading.paging.next, in: .paging, at: "paging.next")
      pages = try .optional(reading.paging.pages, in: .response, at: "paging.pages")
      total = try .optional(reading.paging.total, in: .response, at: "paging.total")
      detail = try reading.detail.map { plan throws(ConnectingError) in
        try DetailProgram(plan, of: api, connector: connector, with: parameters)
      }
      guard reading.paging.kind != .cursor || next != nil else {
        throw ConnectingError(.badTemplate, "paging.next: paging by cursor needs it")
      }
      rules = try ResponseRules(
        api: api.response, platform: connector.platformResponse, alsoReads: [records])
    } catch {
      throw error.at("API '\(api.name)'")
    }
  }

  /// Where the first page stands.
  public var firstPage: PagePosition {
    let isCounted = total != nil || reading.paging.order == .reverse
    return PagePosition(
      number: reading.paging.start, size: reading.paging.size, course: isCounted ? PagePosition.Course() : nil)
  }

  /// The request for one page.
  ///
  /// - Parameters:
  ///   - window: the time asked for; nil where the API takes none.
  ///   - parameters: those of this call; nil for the hub's own.
  public func render(
    window: (from: Timestamp, to: Timestamp)?, page: PagePosition, with parameters: Value? = nil
  ) throws(ConnectingError) -> RenderedRequest {
    let span: Value =
      window.map {
        .map(ValueMap(shape: QueryProgram.windowShape, values: [.timestamp($0.from), .timestamp($0.to)]))
      } ?? .null
    var variables: [(String, Value)] = [("window", span), ("page", page.value)]
    if let parameters { variables.append(("with", parameters)) }
    return try templates.render(variables)
  }

  /// The request for one page of what is looked up.
  ///
  /// - Parameters:
  ///   - keys: what is looked up.
  ///   - parameters: what the lookup gives the API, `with`.
  func render(
    lookingUp keys: [String], with parameters: Value, page: PagePosition
  ) throws(ConnectingError) -> RenderedRequest {
    try templates.render([
      ("window", .null), ("page", page.value), ("with", parameters), ("key", keys.first.map { .string($0) } ?? .null),
      ("keys", .list(keys.map { .string($0) })),
    ])
  }

  /// Makes the call.
  ///
  /// - Parameter own: the parameters of this call; nil for the hub's own.
  public func send(_ request: RenderedRequest, with own: Value? = nil) async -> CallOutcome {
    await connector.perform(request, response: rules, with: own ?? parameters)
  }

  /// The hub's parameters with those of one call before them.
  public func parameters(with own: ValueMap) -> Value {
    let usual = parameters.mapValue?.entries ?? []
    return .map(ValueMap(usual.map { ($0.key, own[$0.key] ?? $0.value) }))
  }

  /// Takes the records out of an answer, and where the next page stands.
  ///
  /// Page numbers without `more` go on until a page is empty: a page may have fewer records than were asked for and not be
  /// the last.
  public func read(_ answer: Answer, page: PagePosition) throws(ConnectingError) -> QueryPage {
    var activation = Activation(environment: ExpressionScope.response.environment)
    activation.set(slot: 0, answer.response)
    let found = try evaluate(records, "records", activation)
    guard case .list(let items) = found else {
      throw unusable("records: ${ \(records.source) } is a \(found.typeName), not a list")
    }
    return QueryPage(records: items, next: try nextPage(answer, page, items))
  }

  /// What identifies a record.
  public func key(of record: Value) throws(ConnectingError) -> String {
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set(slot: 0, record)
    let value: Value
    do throws(EvaluationError) {
      value = try key.evaluate(activation)
    } catch {
      throw ConnectingError(.badRecord, "record.key: \(key.explain(error))")
    }
    guard let text = value.interpolatedText, !text.isEmpty else {
      let what = value.interpolatedText == nil ? "a \(value.typeName)" : "an empty text"
      throw ConnectingError(.badRecord, "record.key: ${ \(key.source) } is \(what); a record needs a key of its own")
    }
    return text
  }

  /// The number people know a record by; nil where there is none.
  public func number(of record: Value) -> String? {
    guard let number else { return nil }
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set(slot: 0, record)
    // The number is for reading: a record without one is a record all the same.
    return (try? number.evaluate(activation))?.interpolatedText
  }

  func evaluate(
    _ expression: Expression, _ place: String, _ activation: borrowing Activation
  ) throws(ConnectingError) -> Value {
    do throws(EvaluationError) {
      return try expression.evaluate(activation)
    } catch {
      throw unusable("\(place): \(expression.explain(error))")
    }
  }

  func unusable(_ message: String) -> ConnectingError {
    ConnectingError(.badAnswer, "API '\(name)': \(connector.mask(message))")
  }

  private static let windowShape = Shape(names: ["from", "to"])
}
