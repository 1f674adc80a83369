import Values

/// Where a command writes: results to the output, everything else to the messages.
struct Console: Sendable {
  private let surroundings: Surroundings
  let format: OutputFormat
  /// Whether results may have colour.
  let colorsOutput: Bool
  /// Whether messages may have colour.
  let colorsMessages: Bool
  /// How many columns there are.
  let width: Int

  init(_ surroundings: Surroundings, format: OutputFormat = .text, allowsColor: Bool = true) {
    self.surroundings = surroundings
    self.format = format
    let environment = surroundings.environment
    let isAllowed = allowsColor && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
    colorsOutput = isAllowed && surroundings.isOutputTerminal
    colorsMessages = isAllowed && surroundings.isMessageTerminal
    width = min(max(surroundings.width, 40), 200)
  }

  /// Whether a person sees messages as they come.
  var showsProgress: Bool { surroundings.isMessageTerminal }
  /// Whether a person sees results on a terminal.
  var showsResultsOnTerminal: Bool { surroundings.isOutputTerminal }
  /// Whether a person can be asked.
  var canAsk: Bool { surroundings.isMessageTerminal && surroundings.isInputTerminal }

  /// Writes a result as it is.
  func output(_ text: String) { surroundings.output.write(text) }

  /// Writes a line of a result.
  func line(_ text: String) { output(text + "\n") }

  /// Writes a result for programs: data as one line of JSON.
  func json(_ data: some Encodable) throws { line(try ValueEncoder().encode(data).json()) }

  /// Writes a message as it is.
  func message(_ text: String) { surroundings.messages.write(text) }

  /// Writes a message in a line of its own.
  func note(_ text: String) { message(text + "\n") }

  /// Asks a question that has yes or no for an answer; no answer is a no.
  func confirm(_ question: String) -> Bool {
    message("\(question) [y/N] ")
    let answer = surroundings.answer()?.lowercased() ?? ""
    return answer == "y" || answer == "yes"
  }

  /// Writes what went wrong and what to do about it.
  func report(_ failure: CommandFailure) {
    note(paint("error:", "1;31") + " " + printable(failure.message, keepsLines: true))
    if let help = failure.help { note(paint("help:", "1;36") + " " + printable(help, keepsLines: true)) }
  }

  /// Writes what may go wrong.
  func warn(_ text: String) { note(paint("warning:", "1;33") + " " + printable(text, keepsLines: true)) }

  private func paint(_ text: String, _ style: String) -> String {
    colorsMessages ? "\u{1B}[\(style)m\(text)\u{1B}[0m" : text
  }
}
