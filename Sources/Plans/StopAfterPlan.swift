/// How many records of a run may fail before it stops: a number, or a share of those the run deals with.
public struct StopAfterPlan: Codable, Sendable, Equatable {
  /// From how many records on a share is judged: of fewer, one alone would be more than most shares.
  public static let fewestForShare = 100

  /// So many may fail.
  public var records: Int?
  /// This share may fail, in hundredths of a percent.
  public var shareInTenThousandths: Int?

  /// A number of records.
  public init(records: Int) { self.records = records }

  /// A share of the records.
  public init(shareInTenThousandths share: Int) { shareInTenThousandths = share }

  /// Whether more have failed than may.
  public func isExceeded(by failed: Int, of records: Int) -> Bool {
    if let most = self.records { return failed > most }
    guard let share = shareInTenThousandths, records >= StopAfterPlan.fewestForShare else { return false }
    let (counted, overflow) = failed.multipliedReportingOverflow(by: 10_000)
    let (allowed, isTooMuch) = records.multipliedReportingOverflow(by: share)
    return !isTooMuch && (overflow || counted > allowed)
  }

  /// `10 records`, `1.5% of its records`.
  public var words: String {
    if let records { return records == 1 ? "1 record" : "\(records) records" }
    let share = shareInTenThousandths ?? 0
    let (whole, rest) = share.quotientAndRemainder(dividingBy: 100)
    if rest == 0 { return "\(whole)% of its records" }
    let digits = rest % 10 == 0 ? "\(rest / 10)" : (rest < 10 ? "0\(rest)" : "\(rest)")
    return "\(whole).\(digits)% of its records"
  }
}
