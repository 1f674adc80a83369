public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// Keeps a plan as the next generation.
  public func deploy(_ deployment: NewDeployment) async throws -> Int {
    let token = MongoStore.newToken()
    return try await perform { tenant in
      while true {
        let current = try tenant.deployments.findOne([:], fields: ["_id": 1], sort: ["_id": -1])?.int("_id") ?? 0
        if let expected = deployment.replaces, expected != current {
          throw StoreError(
            .stale,
            "the plan was compared with generation \(expected) and generation \(current) is in force: plan again")
        }
        do {
          try tenant.keep(deployment, as: current + 1, token)
          return current + 1
        } catch let error as MongoError where error.isOutcomeUnknown {
          let kept = try tenant.deployments.findOne(["_id": .int(Int64(current + 1))], fields: ["made": 1])
          guard kept?.text("made") == token else { throw error }
          return current + 1
        } catch let error as MongoError where error.kind == .duplicateKey {
          // Another was quicker; who compares hears of it in the next turn.
          continue
        }
      }
    }
  }

  /// The generation in force.
  public func deployment() async throws -> Deployment? {
    try await perform { tenant in
      guard let row = try tenant.deployments.findOne([:], sort: ["_id": -1]) else { return nil }
      let owner = Tenant.owner(deployment: row.int("_id") ?? 0, row.text("digest") ?? "")
      return try Deployment(row: row, plan: tenant.kept("plan", of: owner, row) ?? [])
    }
  }

  /// The generations, newest first, without their plans.
  public func deployments(limit: Int) async throws -> [Deployment] {
    let limit = min(max(limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      try tenant.deployments.find([:], fields: ["plan": 0], sort: ["_id": -1], limit: limit).map {
        try Deployment(row: $0, plan: [])
      }
    }
  }
}

extension Tenant {
  fileprivate func keep(_ deployment: NewDeployment, as generation: Int, _ token: String) throws {
    var details: [(String, Value)] = [
      ("generation", .int(Int64(generation))), ("digest", .string(deployment.digest)),
    ]
    if let commit = deployment.commit { details.append(("commit", .string(commit))) }
    let act = Act(
      deployment.action, by: deployment.by, reason: deployment.reason, details: .map(ValueMap(details)),
      at: deployment.at)
    // Its pieces come first and with the commit of the row, so a row is never without them.
    try connection.transaction {
      let plan = try keep(deployment.plan, as: "plan", of: Tenant.owner(deployment: generation, deployment.digest))
      var fields: [(String, Value)] = [
        ("_id", .int(Int64(generation))), ("digest", .string(deployment.digest)), ("by", .string(deployment.by)),
        ("at", .timestamp(deployment.at)), ("made", .string(token)),
      ]
      if let commit = deployment.commit { fields.append(("commit", .string(commit))) }
      try deployments.insert([.map(ValueMap(fields + plan))])
      try openAudit(act, as: takeAuditNumber())
    }
  }

  static func owner(deployment generation: Int, _ digest: String) -> String { " plan \(generation) \(digest)" }
}

extension Deployment {
  fileprivate init(row: BSONDocument, plan: [UInt8]) throws {
    guard let generation = row.int("_id"), let digest = row.text("digest"), let by = row.text("by"),
      let at = row.time("at")
    else { throw StoreError.damaged("a deployment without its number, digest, author or time") }
    self.init(
      generation: generation, plan: plan, digest: digest, by: by, commit: row.text("commit"), at: at.description)
  }
}
