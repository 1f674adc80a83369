/// For how long queue tasks are kept that need nobody any more, with what the ledger has of their requests.
public struct RetentionPlan: Codable, Sendable, Equatable {
  /// Those that were run to their end.
  public var doneMilliseconds: Int64
  /// Those that are dead or cancelled.
  public var deadMilliseconds: Int64

  /// A retention of its parts.
  public init(doneMilliseconds: Int64, deadMilliseconds: Int64) {
    self.doneMilliseconds = doneMilliseconds
    self.deadMilliseconds = deadMilliseconds
  }

  /// Seven and ninety days, where a project says nothing else.
  public static let usual = RetentionPlan(doneMilliseconds: 7 * 86_400_000, deadMilliseconds: 90 * 86_400_000)
}
