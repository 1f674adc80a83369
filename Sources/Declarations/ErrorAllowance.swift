/// How many may fail: a number such as `10`, or a share such as `1%` or `0.25%`.
public enum ErrorAllowance: Sendable, Equatable {
  /// So many.
  case records(Int)
  /// This share, in hundredths of a percent.
  case share(tenThousandths: Int)

  /// Reads an allowance; nil for any other text.
  public init?(_ text: String) {
    guard text.utf8.count <= 12 else { return nil }
    guard text.hasSuffix("%") else {
      guard let count = ErrorAllowance.digits(text), count <= 1_000_000_000 else { return nil }
      self = .records(count)
      return
    }
    let parts = text.dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = ErrorAllowance.digits(first) else { return nil }
    var hundredths = 0
    if parts.count == 2 {
      let rest = parts[1]
      guard rest.utf8.count <= 2, let number = ErrorAllowance.digits(rest) else { return nil }
      hundredths = rest.utf8.count == 1 ? number * 10 : number
    }
    // Less than nothing cannot fail, and all may fail where nothing is said.
    guard whole < 100, whole * 100 + hundredths > 0 else { return nil }
    self = .share(tenThousandths: whole * 100 + hundredths)
  }

  private static func digits(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(text)
  }
}
