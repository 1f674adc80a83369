/// A command line that cannot be used as it is.
struct UsageError: Error, Sendable, Hashable {
  /// What is wrong.
  let message: String
  /// What to write instead.
  let help: String?

  init(_ message: String, help: String? = nil) {
    self.message = message
    self.help = help
  }
}
