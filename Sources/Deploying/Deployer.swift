public import Keeping
public import Plans
public import Values

/// Deploys plans to the store of an environment.
public struct Deployer: Sendable {
  /// A plan beside the one in force: what deploying it would change.
  public struct Proposal: Sendable {
    /// The plan to be deployed.
    public let plan: ExecutionPlan
    /// The generation in force it was compared with.
    public let current: Int?
    /// What would change.
    public let difference: PlanDifference
    /// True where the plan in force is the very same.
    public let changesNothing: Bool
  }

  private let store: any Store

  /// A deployer to a store.
  public init(_ store: any Store) { self.store = store }

  /// Compares a plan with the one in force.
  ///
  /// - Throws: ``StoreError`` where the plan belongs to another tenant than the store's.
  public func propose(_ plan: ExecutionPlan) async throws -> Proposal {
    let deployment = try await store.deployment()
    let current = try deployment.map { try ExecutionPlan(bytes: $0.plan) }
    if let current, current.tenant != plan.tenant {
      throw StoreError(
        .otherTenant, "the plan is of tenant '\(plan.tenant)', the store of tenant '\(current.tenant)'")
    }
    return Proposal(
      plan: plan, current: deployment?.generation, difference: try PlanDifference(from: current, to: plan),
      changesNothing: current?.digest == plan.digest)
  }

  /// Deploys a proposal as the next generation.
  ///
  /// - Throws: ``StoreError`` with the code `stale` where another plan has been deployed since the proposal was made.
  /// - Returns: the new generation.
  public func apply(_ proposal: Proposal, by: String, reason: String? = nil, at time: Timestamp) async throws -> Int {
    var deployment = NewDeployment(
      plan: try proposal.plan.canonicalBytes(), digest: proposal.plan.digest, replaces: proposal.current ?? 0, by: by,
      commit: proposal.plan.commit, at: time)
    deployment.reason = reason
    let generation = try await store.deploy(deployment)
    try await keepLookups(of: proposal.plan)
    return generation
  }

  /// Has the store keep an index for what the plan's hubs ask of each other's records, and for nothing else.
  ///
  /// After a deployment that was broken off here, the next one does it, also where it changes nothing.
  public func keepLookups(of plan: ExecutionPlan) async throws {
    try await store.keepLookups(plan.lookups, onlyThese: true)
  }
}
