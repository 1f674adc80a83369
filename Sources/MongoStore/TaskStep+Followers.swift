import Keeping
import MongoKit
import Values

extension TaskStep {
  /// Puts the writes that go on with records of a settled one in its place, and notes what was done beside it.
  func follow(_ settlement: WriteSettlement, _ task: HeldTask, _ tenant: Tenant) throws {
    let writes = settlement.followers
    if !writes.isEmpty {
      let number = try tenant.takeTaskNumbers(writes.count)
      let followers = writes.enumerated().map { place, write in
        follower(write, number + Int64(place), of: task, before: Int64(writes.count - place))
      }
      try tenant.tasks.insert(followers.map { try $0.document(tenant) })
      for follower in followers where follower.isDoubtful { try tenant.noteDoubt(about: follower.id, now) }
      try move(followers, from: task, tenant)
      if let request = task.cancel {
        // What a person wants cancelled does not go on by itself, unless the target has it already.
        for follower in followers where !follower.items.isEmpty { try withdraw(follower, of: task, request, tenant) }
      }
      tenant.after.noteReady(task.hub, task.side, at: task.position)
    }
    try note(settlement.steps, by: task, tenant)
  }

  /// - Parameter lead: by how many milliseconds it counts as due before the settled one: at one position the one that was due
  ///   first goes first, so these come in their order and before what followed another task there.
  private func follower(
    _ write: NewWrite, _ number: Int64, of task: HeldTask, before lead: Int64
  ) -> NewTask {
    var new = NewTask(
      id: number, hub: task.hub, side: .target, position: task.position, now: now, sendsAgain: write.sendsAgain,
      items: write.items, payload: write.payload, token: token)
    new.origin = write.origin ?? task.id
    new.lock = write.lock ?? task.lock
    new.isDoubtful = write.isDoubtful
    new.arrival = write.arrival
    new.runAt = write.due ?? Timestamp(milliseconds: task.runAt.milliseconds - lead)
    if write.due != nil {
      new.isPutOff = true
      new.attempts = write.attempts
    }
    return new
  }

  /// Makes the records of a settled write those of the writes that go on with them.
  private func move(_ followers: [NewTask], from task: HeldTask, _ tenant: Tenant) throws {
    let changes = followers.flatMap { follower in
      follower.items.map { item in
        MongoChange(
          [
            "_id": .int(item.record), "state": RecordState.queued.value, "targetTask": .int(task.id),
            "queuedRevision": .int(item.revision),
          ], ["$set": ["targetTask": .int(follower.id)]])
      }
    }
    // One that is in the write no more is not in those that follow either.
    if !changes.isEmpty { try tenant.records(task.hub).update(changes) }
  }

  /// Ends a write that would go on with records of one a person wants cancelled.
  private func withdraw(
    _ follower: NewTask, of task: HeldTask, _ request: CancelRequest, _ tenant: Tenant
  ) throws {
    guard let held = try find(["_id": .int(follower.id)], tenant) else {
      throw StoreError.damaged("there is no task of number \(follower.id)")
    }
    let failure = Failure(
      kind: "cancelled", message: "the write it would go on from was to be cancelled, see datahub task show \(task.id)",
      at: now)
    try move(held, to: .cancelled, set: [("error", FailureForm.write(failure))], tenant)
    let settling = try RecordSettling(held, now, tenant)
    try settling.withdraw(request, failure)
    try settling.save()
  }

  /// Notes what was done for records beside their write.
  private func note(_ steps: [DoneStep], by task: HeldTask, _ tenant: Tenant) throws {
    if steps.isEmpty { return }
    let done = Dictionary(grouping: steps, by: \.item.record)
    let rows = try tenant.records(task.hub).find(
      ["_id": ["$in": .list(done.keys.map(Value.int))]], fields: ["steps": 1])
    let changes = try rows.map { row in
      let id = row.int64("_id") ?? 0
      let list = try KeptStep.list(of: row, adding: done[id] ?? [], by: task.id, now)
      return MongoChange(["_id": .int(id)], ["$set": ["steps": KeptStep.value(of: list)]])
    }
    try tenant.update(changes, task.hub)
  }
}
