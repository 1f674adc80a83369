public import Connecting
import Digests
public import Expressions
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
    /// The records that wait for something that may still come, by their keys.
    public var waiting: [(key: String, failure: Failure)] = []
    /// The records that cannot be sent, by their keys.
    public var failures: [(key: String, failure: Failure)] = []
  }

  /// The place of the branches of a hub's `select`.
  public static let selectPlace = "(select)"

  let flow: Flow
  private let http: HTTPClient
  let now: Timestamp
  let finder: GivenRecords

  /// A trial of a hub of a plan.
  ///
  /// - Parameters:
  ///   - tables: what `value()` asks.
  ///   - records: what `find()` asks.
  ///   - now: what `now` is.
  ///   - branches: records which branches are taken, those of the mapping under the paths of its texts.
  public init(
    _ hub: HubPlan, of plan: ExecutionPlan, tables: CodeTables, records: GivenRecords, now: Timestamp,
    branches: BranchRecorder? = nil
  ) throws {
    http = HTTPClient()
    finder = records
    self.now = now
    let secrets = SecretResolver(environment: [:], credentialsFolder: nil)
    var clients: [String: ConnectorClient] = [:]
    for connector in plan.connectors where hub.connectorNames.contains(connector.name) {
      clients[connector.name] = try ConnectorClient(
        plan: HubTrial.offline(connector), http: http, secrets: secrets, now: { now })
    }
    flow = try Flow(hub, clients: clients, tables: tables, branches: branches)
  }

  /// Ends a trial that tries nothing.
  public func close() async { await http.shutdown() }

  /// Tries the records, in order, batched as the hub says.
  ///
  /// - Parameter delivered: what the target has already, by the records' keys.
  public func run(_ records: [Value], delivered: [String: Delivered]) async throws -> Outcome {
    do {
      let outcome =
        flow.makesMoreThanWrites
        ? try await operations(on: records, delivered) : try await outcome(of: records, delivered)
      await http.shutdown()
      return outcome
    } catch {
      await http.shutdown()
      throw error
    }
  }

  private func outcome(of records: [Value], _ delivered: [String: Delivered]) async throws -> Outcome {
    var outcome = Outcome()
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    var batch: [OutgoingItem] = []
    for (index, record) in records.enumerated() {
      var key = "record \(index + 1)"
      do {
        key = try flow.source.key(of: record)
        guard try flow.selects(record) else {
          outcome.filtered.append(key)
          continue
        }
        let pending = PendingRecord(
          id: Int64(index), position: Int64(index), key: key, revision: (delivered[key]?.revision ?? 0) + 1,
          content: record.jsonBytes(), delivered: delivered[key], firstSeenAt: now)
        for rendered in try await renderer.render([pending]) {
          switch rendered {
          case .document(let document):
            outcome.documents.append(document.outgoing.document)
            batch.append(document.outgoing)
          case .failed(let failure, _, _):
            if failure.kind == Failure.waitingKind {
              outcome.waiting.append((key, failure))
            } else {
              outcome.failures.append((key, failure))
            }
          }
        }
        if batch.count >= flow.plan.target.batch { send(&batch, &outcome) }
      } catch {
        outcome.failures.append((key, Failure(kind: "record", message: "\(error)", at: now)))
      }
    }
    send(&batch, &outcome)
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
