import Keeping
import MongoKit
import Values

/// Collects what one call of an act changes, and writes it into the audit log in one go, as part of the same transaction.
final class ActNotes {
  private let tenant: Tenant
  let act: Act
  /// What the call is recognised by when the answer to its commit was lost.
  private let token: String
  private var items: [(subject: String, before: Value, after: Value, things: Int)] = []
  private(set) var report: ChangeReport

  init(_ tenant: Tenant, _ act: Act, _ token: String) {
    self.tenant = tenant
    self.act = act
    self.token = token
    report = ChangeReport(act: act.number)
  }

  /// Notes one change.
  ///
  /// - Parameter things: how many tasks or records it was.
  func note(_ subject: String, before: Value, after: Value, things: Int = 1) {
    items.append((subject, before, after, things))
    report.changed += things
  }

  /// Notes that a task a worker runs was only marked.
  func noteRequest() { report.requested += 1 }

  /// Notes that something was left as it is.
  func skip(_ number: Int64, _ reason: String) { report.skipped.append(.init(number, reason)) }

  /// Writes what was noted; an act that changed nothing leaves no entry.
  func save() throws {
    if items.isEmpty { return }
    let entry: Int64
    var last: Int64 = 0
    if let number = act.number {
      entry = number
      last =
        try tenant.auditItems.findOne(["entry": .int(entry)], fields: ["number": 1], sort: ["number": -1])?
        .int64("number") ?? 0
    } else {
      entry = try tenant.takeAuditNumber()
      try tenant.openAudit(act, as: entry)
    }
    report.act = entry
    let rows = try items.enumerated().map { place, item in
      let number = last + Int64(place) + 1
      let change: Value = ["before": item.before, "after": item.after]
      let fields: [(String, Value)] = [
        ("_id", .string("\(entry)/\(number)")), ("entry", .int(entry)), ("number", .int(number)),
        ("things", .int(Int64(item.things))), ("subject", .string(item.subject)), ("made", .string(token)),
      ]
      let kept = try tenant.keep(value: change, as: "change", of: Tenant.owner(audit: entry, number))
      return Value.map(ValueMap(fields + kept))
    }
    try tenant.auditItems.insert(rows)
  }
}

extension MongoStore {
  /// Does what a person wants in one transaction, with its notes in the audit log.
  func transact<Result: Sendable>(
    _ act: Act, _ body: @escaping @Sendable (Tenant, ActNotes, TaskStep) throws -> Result
  ) async throws -> (report: ChangeReport, result: Result) {
    let step = TaskStep(token: MongoStore.newToken(), now: act.at)
    return try await transact(
      { tenant -> (report: ChangeReport, result: Result) in
        let notes = ActNotes(tenant, act, step.token)
        let result = try body(tenant, notes, step)
        if act.isTrial { throw TrialEnd(notes.report) }
        try notes.save()
        return (notes.report, result)
      },
      resultWasKept: { tenant, kept in
        guard let entry = kept.report.act else { return false }
        // The token is in the last items of the entry, unless another call has gone on with it since.
        return try tenant.auditItems.findOne(["entry": .int(entry), "made": .string(step.token)], fields: ["_id": 1])
          != nil
      })
  }
}
