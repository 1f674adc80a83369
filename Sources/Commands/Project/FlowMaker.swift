import Connecting
import HTTPClient
import Keeping
import Plans
import Running
import ServiceRuntime

/// Makes hubs of a plan ready to run, with one HTTP client for all and one client for each connector they share.
struct FlowMaker {
  private let plan: ExecutionPlan
  private let hubs: [HubPlan]
  private let http: HTTPClient
  private let secrets: SecretResolver
  private let store: any GateStore
  private let stop: StopSignal

  /// - Parameter stop: what ends the waiting for a connector's limits.
  init(_ hubs: [HubPlan], of plan: ExecutionPlan, _ store: any GateStore, _ stop: StopSignal, _ context: CommandContext)
  {
    self.store = store
    self.stop = stop
    self.hubs = hubs
    self.plan = plan
    // A hub that may have 64 requests under way must not wait for connections.
    let requests = hubs.reduce(0) { $0 + $1.target.concurrency + 2 }
    let connections = min(max(requests, 16), 256)
    http = HTTPClient(
      configuration: .init(maximumConnections: max(connections, 64), maximumConnectionsPerHost: connections))
    let environment = context.surroundings.environment
    secrets = SecretResolver(environment: environment, credentialsFolder: environment["CREDENTIALS_DIRECTORY"])
  }

  /// Lends the flows to a body and closes the connections afterwards.
  func withFlows<Result: Sendable>(_ body: ([Flow]) async throws -> Result) async throws -> Result {
    do {
      let result = try await body(try flows())
      await http.shutdown()
      return result
    } catch {
      await http.shutdown()
      throw error
    }
  }

  private func flows() throws -> [Flow] {
    let used = Set(hubs.flatMap(\.connectorNames))
    var clients: [String: ConnectorClient] = [:]
    for connector in plan.connectors where used.contains(connector.name) {
      clients[connector.name] = try ConnectorClient(
        plan: connector, http: http, secrets: secrets,
        gate: StoreGate(connector, store: store, stop: stop, now: { currentTime() }), now: { currentTime() })
    }
    let tables = CodeTables(plan.valueMappings ?? [])
    return try hubs.map { try Flow($0, clients: clients, tables: tables) }
  }
}
