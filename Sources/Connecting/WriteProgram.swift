import Digests
import Expressions
public import Plans
import Templates
public import Values

/// One record on its way to a target.
public struct OutgoingItem: Sendable {
  /// What the target knows of the record from before.
  public struct Delivered: Sendable, Hashable {
    /// The revision it took last.
    public var revision: Int64
    /// The name it gave the record.
    public var id: String?

    /// What it knows, of its parts.
    public init(revision: Int64, id: String?) {
      self.revision = revision
      self.id = id
    }
  }

  /// The document the mapping made.
  public var document: Value
  /// What a repeated write of the same revision carries again.
  public var idempotencyKey: String
  /// What the target has of the record; nil where it never took it.
  public var delivered: Delivered?

  /// A record of its parts.
  public init(document: Value, idempotencyKey: String, delivered: Delivered? = nil) {
    self.document = document
    self.idempotencyKey = idempotencyKey
    self.delivered = delivered
  }
}

/// What a platform said of one record.
public enum ItemVerdict: Sendable, Hashable {
  /// It took it, and may have given it a name.
  case taken(id: String?)
  /// It has it already.
  case exists(id: String?, message: String)
  /// It will not take it.
  case refused(message: String)
  /// It did not say, or not so that it can be read; the message says which.
  case unanswered(message: String)
}

/// A write of a hub, lowered: makes requests of records and takes what became of each out of answers.
///
/// A class, since every write of the hub has it at hand, and nothing in it changes.
public final class WriteProgram: Sendable {
  /// How answers are judged.
  public let rules: ResponseRules
  /// The most records one request takes.
  public let maximumItems: Int
  private let name: String
  private let connector: ConnectorClient
  private let parameters: Value
  private let templates: APITemplates
  private let item: Template?
  private let prepared: Activation?
  private let verdicts: VerdictReader

  /// Lowers a write.
  ///
  /// - Parameter parameters: what the hub gives the API, `with`.
  /// - Throws: ``ConnectingError`` where the API is no write or one of its templates cannot be used.
  public init(api: APIPlan, connector: ConnectorClient, with parameters: Value) throws(ConnectingError) {
    guard api.effect == .execute, let writing = api.writing else {
      throw ConnectingError(.badTemplate, "API '\(api.name)' is not a write")
    }
    name = api.name
    self.connector = connector
    self.parameters = parameters
    maximumItems = max(writing.maximumItems, 1)
    templates = try APITemplates(api, connector, with: parameters)
    do throws(ConnectingError) {
      item = try writing.item.map { tree throws(ConnectingError) in
        try Template(tree, in: .item, at: "batch.item")
      }
      verdicts = try VerdictReader(writing)
      rules = try ResponseRules(
        api: api.response, platform: connector.platformResponse, alsoReads: verdicts.readsOfAnswer)
    } catch {
      throw error.at("API '\(api.name)'")
    }
    var activation = item?.makeActivation()
    activation?.set("with", parameters)
    prepared = activation
  }

  /// The request that writes these records.
  ///
  /// `items` has what stands in a list for each; `document` and `delivered` are there for a single record only. `idempotencyKey` is the
  /// record's own, and for several one made of theirs in their order.
  public func render(_ items: [OutgoingItem]) throws(ConnectingError) -> RenderedRequest {
    guard let first = items.first else {
      throw ConnectingError(.badRequest, "API '\(name)': there is no record to write")
    }
    guard items.count <= maximumItems else {
      throw ConnectingError(
        .badRequest, "API '\(name)': \(items.count) records in a request that takes \(maximumItems) at most")
    }
    var variables: [(String, Value)] = [("items", .list(try rendered(items)))]
    if items.count == 1 {
      variables.append(("document", first.document))
      variables.append(("idempotencyKey", .string(first.idempotencyKey)))
      variables.append(("delivered", WriteProgram.value(of: first.delivered)))
    } else {
      let keys = items.map(\.idempotencyKey).joined(separator: "\n")
      variables.append(("idempotencyKey", .string(hex(HashFunction.sha256.digest(Array(keys.utf8))))))
    }
    return try templates.render(variables)
  }

  /// Makes the call.
  public func send(_ request: RenderedRequest) async -> CallOutcome {
    await connector.perform(request, response: rules, with: parameters)
  }

  /// What became of each record, in the order they were rendered in.
  ///
  /// - Throws: ``ConnectingError`` where the answer says nothing that can be told apart by record; all of them are uncertain
  ///   then.
  public func read(_ answer: Answer, count: Int) throws(ConnectingError) -> [ItemVerdict] {
    do throws(ConnectingError) {
      return try verdicts.read(answer, count: count, connector.mask)
    } catch {
      throw ConnectingError(error.code, "API '\(name)': \(connector.mask(error.message))")
    }
  }

  private func rendered(_ items: [OutgoingItem]) throws(ConnectingError) -> [Value] {
    guard let item, var activation = prepared else { return items.map(\.document) }
    var values: [Value] = []
    values.reserveCapacity(items.count)
    for (index, outgoing) in items.enumerated() {
      activation.set("document", outgoing.document)
      activation.set("idempotencyKey", .string(outgoing.idempotencyKey))
      activation.set("delivered", WriteProgram.value(of: outgoing.delivered))
      do throws(TemplateError) {
        values.append(try item.evaluate(&activation))
      } catch {
        throw ConnectingError(.badRequest, "API '\(name)': batch.item of record \(index): \(error)")
      }
    }
    return values
  }

  /// What expressions see as `delivered`.
  public static func value(of delivered: OutgoingItem.Delivered?) -> Value {
    guard let delivered else { return .null }
    return .map(
      ValueMap(
        shape: deliveredShape, values: [.int(delivered.revision), delivered.id.map { .string($0) } ?? .null]))
  }

  private static let deliveredShape = Shape(names: ["revision", "id"])
}
