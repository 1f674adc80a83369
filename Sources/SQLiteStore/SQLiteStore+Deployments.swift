public import Keeping
import SQLiteKit
import Values

extension SQLiteStore {
  /// Keeps a plan as the next generation.
  public func deploy(_ deployment: NewDeployment) async throws -> Int {
    try await write(now: deployment.at) { transaction in
      let current = try transaction.currentGeneration()
      if let expected = deployment.replaces, expected != current {
        throw StoreError(
          .stale, "the plan was compared with generation \(expected) and generation \(current) is in force: plan again")
      }
      let insert = try transaction.connection.prepare(
        """
        INSERT INTO deployments (generation, digest, deployed_by, git_commit, deployed_at, plan)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        """)
      insert.bind(1, current + 1)
      insert.bind(2, deployment.digest)
      insert.bind(3, deployment.by)
      insert.bind(4, deployment.commit)
      insert.bind(5, transaction.now)
      insert.bind(6, deployment.plan)
      try insert.run()
      try transaction.note(deployment, generation: current + 1)
      return current + 1
    }
  }

  /// The generation in force.
  public func deployment() async throws -> Deployment? {
    try await read { connection in
      let find = try connection.prepare(
        """
        SELECT generation, digest, deployed_by, git_commit, deployed_at, plan FROM deployments
        ORDER BY generation DESC LIMIT 1
        """)
      return try find.step() ? Deployment(row: find, plan: find.bytes(5)) : nil
    }
  }

  /// The generations, newest first, without their plans.
  public func deployments(limit: Int) async throws -> [Deployment] {
    try await read { connection in
      let list = try connection.prepare(
        """
        SELECT generation, digest, deployed_by, git_commit, deployed_at FROM deployments
        ORDER BY generation DESC LIMIT ?1
        """)
      list.bind(1, min(max(limit, 0), SQLiteStore.longestList))
      var deployments: [Deployment] = []
      while try list.step() { deployments.append(Deployment(row: list, plan: [])) }
      return deployments
    }
  }
}

extension Transaction {
  fileprivate func note(_ deployment: NewDeployment, generation: Int) throws {
    var details: [(String, Value)] = [
      ("generation", .int(Int64(generation))), ("digest", .string(deployment.digest)),
    ]
    if let commit = deployment.commit { details.append(("commit", .string(commit))) }
    try openAudit(
      Act(
        deployment.action, by: deployment.by, reason: deployment.reason, details: .map(ValueMap(details)),
        at: deployment.at))
  }

  fileprivate func currentGeneration() throws -> Int {
    let find = try connection.prepare("SELECT coalesce(max(generation), 0) FROM deployments")
    defer { find.reset() }
    return try find.step() ? find.int(0) : 0
  }
}

extension Deployment {
  fileprivate init(row: Statement, plan: [UInt8]) {
    self.init(
      generation: row.int(0), plan: plan, digest: row.text(1), by: row.text(2), commit: row.optionalText(3),
      at: Timestamp(milliseconds: row.int64(4)).description)
  }
}
