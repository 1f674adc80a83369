public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// The parents of a hub that a filter wants, by their keys.
  public func parents(_ filter: ParentFilter) async throws -> [ParentState] {
    let limit = min(max(filter.limit, 0), MongoStore.longestList)
    if limit == 0 { return [] }
    return try await perform { tenant in
      guard let hub = try tenant.hubs.findOne(["_id": .string(filter.hub)], fields: ["listedPull": 1]) else {
        return []
      }
      var wanted: [(String, Value)] = [("hub", .string(filter.hub))]
      if !filter.keys.isEmpty { wanted.append(("key", ["$in": .list(filter.keys.map { .string($0) })])) }
      if filter.onlyFailing { wanted.append(("failedPull", ["$exists": true])) }
      let listed = hub.int64("listedPull") ?? 0
      return try tenant.parents.find(.map(ValueMap(wanted)), sort: ["key": 1], limit: limit).map { row in
        guard let key = row.text("key"), let seen = row.int64("seenPull") else {
          throw StoreError.damaged("a parent without key or pull")
        }
        return ParentState(
          key: key, readUntil: row.time("readUntil")?.description, isListed: seen >= listed,
          failure: try FailureForm.read("error", of: row))
      }
    }
  }
}

extension Tenant {
  /// How many parents a hub has; nil for one that has none.
  ///
  /// - Parameter listed: the latest pull whose list was read to its end.
  func parentCounts(_ hub: String, listed: Int64) throws -> ParentCounts? {
    let isListed: Value = ["$gte": ["$seenPull", .int(listed)]]
    let fails: Value = ["$gt": ["$failedPull", nil]]
    let row = try parents.aggregate([
      ["$match": ["hub": .string(hub)]],
      [
        "$group": [
          "_id": nil, "all": ["$sum": 1], "listed": ["$sum": ["$cond": [isListed, 1, 0]]],
          "failing": ["$sum": ["$cond": [["$and": [isListed, fails]], 1, 0]]],
        ]
      ],
    ]).first
    guard let row, let all = row.int("all"), all > 0 else { return nil }
    let count = row.int("listed") ?? 0
    return ParentCounts(listed: count, gone: all - count, failing: row.int("failing") ?? 0)
  }

  /// Keeps a page of a list of parents.
  func keep(_ page: ListedParents, _ task: HeldTask) throws {
    guard let pull = task.pull else { return }
    let changes = try page.parents.map { key, failure in
      var set: [(String, Value)] = [
        ("hub", .string(task.hub)), ("key", .string(key)), ("seenPull", .int(pull)),
      ]
      if let failure { set += [("failedPull", .int(pull)), ("error", try FailureForm.write(failure))] }
      return MongoChange(Tenant.parent(key, task.hub), ["$set": .map(ValueMap(set))], upsert: true)
    }
    if !changes.isEmpty { try parents.update(changes) }
    guard page.isLast else { return }
    try hubs.updateOne(["_id": .string(task.hub)], ["$set": ["listedPull": .int(pull)]])
  }

  /// Moves a parent's watermark, never back; a remedy leaves it where it is.
  func move(_ progress: ParentProgress, _ task: HeldTask, isRemedy: Bool) throws {
    var update: [(String, Value)] = []
    if !isRemedy { update.append(("$max", ["readUntil": .timestamp(progress.readUntil)])) }
    if progress.isWhole { update.append(("$unset", ["failedPull": "", "error": ""])) }
    if update.isEmpty { return }
    try parents.updateOne(Tenant.parent(progress.key, task.hub), .map(ValueMap(update)))
  }

  /// Notes that a parent's query did not succeed.
  func noteFailure(of parent: String, _ task: HeldTask, _ failure: Failure?, _ now: Timestamp) throws {
    let failure = failure ?? Failure(kind: "cancelled", message: "its query was cancelled", at: now)
    try parents.updateOne(
      Tenant.parent(parent, task.hub),
      ["$set": ["failedPull": task.pull.map { .int($0) } ?? 0, "error": try FailureForm.write(failure)]])
  }

  /// Whether a parent's query did not succeed in a pull.
  func hasFailedParents(_ pull: Int64, _ hub: String) throws -> Bool {
    try parents.findOne(["hub": .string(hub), "failedPull": .int(pull)], fields: ["_id": 1]) != nil
  }

  private static func parent(_ key: String, _ hub: String) -> Value {
    ["_id": ["hub": .string(hub), "key": .string(key)]]
  }
}
