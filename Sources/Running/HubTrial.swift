public import Connecting
import Digests
import HTTPClient
public import Keeping
public import Plans
import Templates
public import Values

/// A hub tried out on given records: the workers' own selection, mapping and requests, and nothing sent.
///
/// Needs no secret and no network: a parameter that is read from the environment stands as `(NAME)`, and the platform's base
/// URL, which no request holds before it is sent, is one that leads nowhere.
public struct HubTrial: Sendable {
  /// What came of the records.
  public struct Outcome: Sendable {
    /// The target documents, in order.
    public var documents: [Value] = []
    /// The requests that would be sent, in order.
    public var requests: [RenderedRequest] = []
    /// The keys of the records that are not selected.
    public var filtered: [String] = []
    /// The records that cannot be sent, by their keys.
    public var failures: [(key: String, failure: Failure)] = []
  }

  let flow: Flow
  private let http: HTTPClient
  let now: Timestamp

  /// A trial of a hub of a plan.
  ///
  /// - Parameters:
  ///   - tables: what `value()` asks.
  ///   - now: what `now` is.
  public init(_ hub: HubPlan, of plan: ExecutionPlan, tables: CodeTables, now: Timestamp) throws {
    http = HTTPClient()
    self.now = now
    let secrets = SecretResolver(environment: [:], credentialsFolder: nil)
    var clients: [String: ConnectorClient] = [:]
    for connector in plan.connectors where hub.connectorNames.contains(connector.name) {
      clients[connector.name] = try ConnectorClient(
        plan: HubTrial.offline(connector), http: http, secrets: secrets, now: { now })
    }
    flow = try Flow(hub, clients: clients, tables: tables)
  }

  /// Tries the records, in order, batched as the hub says.
  ///
  /// - Parameter delivered: what the target has already, by the records' keys.
  public func run(_ records: [Value], delivered: [String: Delivered]) async -> Outcome {
    if flow.makesMoreThanWrites {
      let outcome = operations(on: records, delivered)
      await http.shutdown()
      return outcome
    }
    var outcome = Outcome()
    var renderer = DocumentRenderer(flow: flow, now: now)
    var batch: [OutgoingItem] = []
    for (index, record) in records.enumerated() {
      var key = "record \(index + 1)"
      do {
        key = try flow.query.key(of: record)
        guard try flow.selects(record) else {
          outcome.filtered.append(key)
          continue
        }
        let pending = PendingRecord(
          id: Int64(index), position: Int64(index), key: key, revision: (delivered[key]?.revision ?? 0) + 1,
          content: record.jsonBytes(), delivered: delivered[key])
        let document = try renderer.render(pending).outgoing
        outcome.documents.append(document.document)
        batch.append(document)
        if batch.count >= flow.plan.target.batch { send(&batch, &outcome) }
      } catch {
        let failure = (error as? TemplateError).map {
          Failure(kind: "mapping", message: "\($0)", field: $0.path, at: now)
        }
        outcome.failures.append((key, failure ?? Failure(kind: "record", message: "\(error)", at: now)))
      }
    }
    send(&batch, &outcome)
    await http.shutdown()
    return outcome
  }

  private func send(_ batch: inout [OutgoingItem], _ outcome: inout Outcome) {
    guard !batch.isEmpty else { return }
    defer { batch.removeAll() }
    do {
      outcome.requests.append(try flow.write.render(batch))
    } catch {
      outcome.failures.append(("request", Failure(kind: "request", message: "\(error)", at: now)))
    }
  }

  /// The connector without anything that must be read outside of the files.
  private static func offline(_ connector: ConnectorPlan) -> ConnectorPlan {
    var copy = connector
    copy.baseURL = "https://nowhere.invalid"
    copy.authentication = .none
    copy.tls = nil
    copy.proxy = nil
    for index in copy.parameters.indices {
      if case .string(let text) = copy.parameters[index].value, text.contains("${") {
        copy.parameters[index].value = .string("(\(copy.parameters[index].name))")
      }
      // What is shown in a test is no secret, only its place.
      copy.parameters[index].isSecret = false
    }
    return copy
  }
}
