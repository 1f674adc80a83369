public import Keeping
import MongoKit
import Values

extension MongoStore {
  /// The parents of a hub that a filter wants, by their keys.
  public func parents(_ filter: ParentFilter) async throws -> [ParentState] {
    let limit = min(max(filter.limit, 0), max(filter.keys.count, MongoStore.longestList))
    if limit == 0 { return [] }
    // So many names at a time fit into a request.
    guard filter.keys.count <= MongoStore.longestList else {
      var found: [ParentState] = []
      let keys = Set(filter.keys).sorted()
      for start in stride(from: 0, to: keys.count, by: MongoStore.longestList) {
        var part = filter
        part.keys = Array(keys[start..<min(start + MongoStore.longestList, keys.count)])
        found += try await parents(part)
      }
      return Array(found.sorted { $0.key < $1.key }.prefix(limit))
    }
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

  /// Keeps a page of a list of parents; gives those of its queries that join the pull.
  func keep(
    _ page: ListedParents, _ queries: [NewQuery], _ task: HeldTask, _ now: Timestamp
  ) throws -> [NewQuery] {
    guard let pull = task.pull else { return queries }
    let (listed, joining) = page.settled(after: try listedBefore(page, pull, task.hub), queries, now: now)
    let changes = try listed.map { parent in
      var set: [(String, Value)] = [
        ("hub", .string(task.hub)), ("key", .string(parent.key)), ("seenPull", .int(pull)),
        ("asked", parent.asked.map { .string($0) } ?? .null),
      ]
      if let failure = parent.failure {
        set += [("failedPull", .int(pull)), ("error", try FailureForm.write(failure))]
      }
      return MongoChange(Tenant.parent(parent.key, task.hub), ["$set": .map(ValueMap(set))], upsert: true)
    }
    if !changes.isEmpty { try parents.update(changes) }
    if page.isLast { try hubs.updateOne(["_id": .string(task.hub)], ["$set": ["listedPull": .int(pull)]]) }
    return joining
  }

  /// What is asked for those of a page's parents that an earlier page of the pull's list had.
  private func listedBefore(_ page: ListedParents, _ pull: Int64, _ hub: String) throws -> [String: String?] {
    var found: [String: String?] = [:]
    for start in stride(from: 0, to: page.parents.count, by: MongoStore.longestList) {
      let keys = page.parents[start..<min(start + MongoStore.longestList, page.parents.count)].map(\.key)
      let wanted: Value = [
        "hub": .string(hub), "key": ["$in": .list(keys.map { .string($0) })], "seenPull": .int(pull),
      ]
      for row in try parents.find(wanted) { found.updateValue(row.text("asked"), forKey: row.text("key") ?? "") }
    }
    return found
  }

  /// Moves a parent's watermark, never back, and ends what went wrong before; a remedy leaves both as they are: it reads a
  /// window of its own.
  func move(_ progress: ParentProgress, _ task: HeldTask, isRemedy: Bool) throws {
    if isRemedy { return }
    var update: [(String, Value)] = [("$max", ["readUntil": .timestamp(progress.readUntil)])]
    if progress.isWhole { update.append(("$unset", ["failedPull": "", "error": ""])) }
    var parent = Tenant.parentFields(progress.key, task.hub)
    parent.append(("asked", ["$ne": .string(ListedParent.ambiguous)]))
    try parents.updateOne(.map(ValueMap(parent)), .map(ValueMap(update)))
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

  private static func parent(_ key: String, _ hub: String) -> Value { .map(ValueMap(parentFields(key, hub))) }

  private static func parentFields(_ key: String, _ hub: String) -> [(String, Value)] {
    [("_id", ["hub": .string(hub), "key": .string(key)])]
  }
}
