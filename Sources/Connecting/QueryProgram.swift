import Expressions
public import Plans
import Templates
public import Values

/// Where in a query's pages a request stands.
public struct PagePosition: Codable, Sendable, Hashable {
  /// The number of the page.
  public var number: Int64
  /// How many records are asked for.
  public var size: Int64
  /// What the answer before said the next page is asked for with; nil for the first.
  public var cursor: String?

  /// A position of its parts.
  public init(number: Int64, size: Int64, cursor: String? = nil) {
    self.number = number
    self.size = size
    self.cursor = cursor
  }

  /// As expressions see it: `number`, `size`, `cursor`.
  var value: Value {
    .map(ValueMap(shape: PagePosition.shape, values: [.int(number), .int(size), cursor.map { .string($0) } ?? .null]))
  }

  private static let shape = Shape(names: ["number", "size", "cursor"])
}

/// What one page of a query gave.
public struct QueryPage: Sendable {
  /// The records.
  public let records: [Value]
  /// Where the next page stands; nil after the last.
  public let next: PagePosition?
}

/// A query of a hub, lowered: makes requests for pages and takes records out of answers.
public struct QueryProgram: Sendable {
  /// More pages than this are taken for a platform that does not end.
  public static let maximumPages: Int64 = 1_000_000

  /// How answers are judged.
  public let rules: ResponseRules
  private let name: String
  private let connector: ConnectorClient
  private let parameters: Value
  private let reading: ReadingPlan
  private let templates: APITemplates
  private let records: Expression
  private let key: Expression
  private let number: Expression?
  private let more: Expression?
  private let next: Expression?

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
    PagePosition(number: reading.paging.start, size: reading.paging.size)
  }

  /// The request for one page.
  ///
  /// - Parameter window: the time asked for; nil where the API takes none.
  public func render(
    window: (from: Timestamp, to: Timestamp)?, page: PagePosition
  ) throws(ConnectingError) -> RenderedRequest {
    let span: Value =
      window.map {
        .map(ValueMap(shape: QueryProgram.windowShape, values: [.timestamp($0.from), .timestamp($0.to)]))
      } ?? .null
    return try templates.render([("window", span), ("page", page.value)])
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
  public func send(_ request: RenderedRequest) async -> CallOutcome {
    await connector.perform(request, response: rules, with: parameters)
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

  private func nextPage(
    _ answer: Answer, _ page: PagePosition, _ records: [Value]
  ) throws(ConnectingError) -> PagePosition? {
    if reading.paging.kind == .none { return nil }
    var activation = Activation(environment: ExpressionScope.paging.environment)
    activation.set("response", answer.response)
    activation.set("page", page.value)
    activation.set("records", .list(records))
    var following = PagePosition(number: page.number + 1, size: page.size)
    if let next, reading.paging.kind == .cursor {
      let value = try evaluate(next, "paging.next", activation)
      if value.isNull { return nil }
      guard let cursor = value.interpolatedText else {
        throw unusable("paging.next: ${ \(next.source) } is a \(value.typeName), not a text")
      }
      if cursor.isEmpty { return nil }
      guard cursor != page.cursor else {
        throw unusable("paging.next: the answer gives the cursor it was asked with; the pages would not end")
      }
      following.cursor = cursor
    } else if let more {
      let value = try evaluate(more, "paging.more", activation)
      guard let goesOn = value.boolValue else {
        throw unusable("paging.more: ${ \(more.source) } is a \(value.typeName), not true or false")
      }
      if !goesOn { return nil }
    } else if records.isEmpty {
      return nil
    }
    guard following.number - reading.paging.start < QueryProgram.maximumPages else {
      throw unusable("there are more than \(QueryProgram.maximumPages) pages; ask for a smaller window of time")
    }
    return following
  }

  private func evaluate(
    _ expression: Expression, _ place: String, _ activation: borrowing Activation
  ) throws(ConnectingError) -> Value {
    do throws(EvaluationError) {
      return try expression.evaluate(activation)
    } catch {
      throw unusable("\(place): \(expression.explain(error))")
    }
  }

  private func unusable(_ message: String) -> ConnectingError {
    ConnectingError(.badAnswer, "API '\(name)': \(connector.mask(message))")
  }

  private static let windowShape = Shape(names: ["from", "to"])
}
