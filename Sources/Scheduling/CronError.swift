/// Why a text is no cron expression.
public struct CronError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What is wrong, in words.
  public let message: String
  /// What to write instead.
  public let help: String

  init(_ message: String, help: String) {
    self.message = message
    self.help = help
  }

  /// What is wrong and what to write instead.
  public var description: String { "\(message): \(help)" }
}
