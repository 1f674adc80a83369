import Connecting
import HTTPClient
import Plans
import Running
import ServiceRuntime

/// Makes hubs of a plan ready to run, with one client for each connector they share.
struct FlowMaker {
  let http: HTTPClient
  let environment: [String: String]

  init(_ context: CommandContext) {
    http = HTTPClient()
    environment = context.surroundings.environment
  }

  /// The flows of some hubs of a plan.
  func flows(_ hubs: [HubPlan], of plan: ExecutionPlan) throws -> [Flow] {
    let secrets = SecretResolver(
      environment: environment, credentialsFolder: environment["CREDENTIALS_DIRECTORY"])
    let used = Set(hubs.flatMap { [$0.source.connector, $0.target.connector] })
    var clients: [String: ConnectorClient] = [:]
    for connector in plan.connectors where used.contains(connector.name) {
      clients[connector.name] = try ConnectorClient(
        plan: connector, http: http, secrets: secrets, now: { currentTime() })
    }
    return try hubs.map { try Flow($0, clients: clients) }
  }
}
