import Connecting
import Diagnostics
import Keeping
import MongoStore
import Plans
import SQLiteStore

/// The store of one project and environment, open.
struct OpenStore: Sendable {
  let place: ProjectPlace
  let store: any Store

  /// Opens the store for a body and closes it afterwards.
  ///
  /// - Parameters:
  ///   - makes: makes the store where there is none.
  ///   - missing: what is the failure where there is none; else that nothing is deployed.
  static func with<Result: Sendable>(
    _ place: ProjectPlace, makes: Bool = false, missing: CommandFailure? = nil,
    _ body: (OpenStore) async throws -> Result
  ) async throws -> Result {
    switch try StorePlace(place.store) {
    case .sqlite(let folder):
      if makes {
        do throws(FileProblem) {
          try FileAccess.makeFolder(folder)
        } catch {
          throw CommandFailure(.unreachable, "the store's folder cannot be made: \(error)")
        }
      } else if !FileAccess.exists("\(folder)/\(place.tenant).sqlite") {
        throw missing ?? nothingDeployed(place.environment)
      }
      let store = try await SQLiteStore.open(folder: folder, tenant: place.tenant)
      return try await lend(OpenStore(place: place, store: store), body) { await store.close() }
    case .mongo(let url):
      let store = try await MongoStore.open(url: url.reveal(), tenant: place.tenant, makes: makes)
      guard let store else { throw missing ?? nothingDeployed(place.environment) }
      return try await lend(OpenStore(place: place, store: store), body) { await store.close() }
    }
  }

  private static func lend<Result: Sendable>(
    _ open: OpenStore, _ body: (OpenStore) async throws -> Result, close: () async -> Void
  ) async throws -> Result {
    do {
      let result = try await body(open)
      await close()
      return result
    } catch {
      await close()
      throw error
    }
  }

  /// Opens the store of the project a command was given.
  static func with<Result: Sendable>(
    _ context: CommandContext, _ body: (OpenStore) async throws -> Result
  ) async throws -> Result {
    try await with(try ProjectPlace.find(context), body)
  }

  /// The plan in force.
  func deployedPlan() async throws -> (deployment: Deployment, plan: ExecutionPlan) {
    guard let deployment = try await store.deployment() else { throw OpenStore.nothingDeployed(place.environment) }
    return (deployment, try ExecutionPlan(bytes: deployment.plan))
  }

  /// That a hub is not in the plan in force.
  static func unknownHub(_ name: String, _ plan: ExecutionPlan) -> CommandFailure {
    let names = plan.hubs.map(\.name)
    let help =
      didYouMean(name, among: names).map { "did you mean '\($0)'?" }
      ?? (names.isEmpty ? "the deployed plan has no hub" : "there is \(names.prefix(20).joined(separator: ", "))")
    return CommandFailure(.usage, "no hub '\(name)' is deployed in '\(plan.environment)'", help: help)
  }

  private static func nothingDeployed(_ environment: String) -> CommandFailure {
    CommandFailure(.findings, "nothing is deployed in '\(environment)'", help: "run datahub apply")
  }
}
