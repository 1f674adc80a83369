/// The help of a command, made from its form.
struct HelpText {
  let node: CommandNode
  /// The words that lead to it.
  let path: [String]

  private static let width = 80
  private static let column = 26

  /// The whole help, with an empty line between its parts.
  var text: String {
    var parts = [overview, usage]
    parts += section("ARGUMENTS", node.form.arguments.map { ($0.name, $0.help) })
    parts += section("OPTIONS", options.map { (HelpText.title($0), HelpText.explanation($0)) })
    parts += section("SUBCOMMANDS", node.children.map { ($0.form.name, $0.form.summary) })
    parts += section("EXAMPLES", node.form.examples.map { ($0.line, $0.meaning) }, stacked: true)
    if path.count == 1 { parts.append("See 'datahub help COMMAND' for more about a command.") }
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var options: [OptionForm] {
    // What the whole command line takes is listed where the list of commands is, and with each command.
    node.form.options + GlobalOptions.forms
  }

  private var overview: String {
    let first = HelpText.wrap("OVERVIEW: " + node.form.summary, indent: 0).joined(separator: "\n")
    guard !node.form.discussion.isEmpty else { return first }
    let more = node.form.discussion.split(separator: "\n", omittingEmptySubsequences: false).flatMap {
      $0.hasPrefix("  ") ? [String($0)] : HelpText.wrap(String($0), indent: 0)
    }
    return first + "\n\n" + more.joined(separator: "\n")
  }

  private var usage: String {
    var words = path
    if node.command == nil { words.append("COMMAND") }
    words += node.form.arguments.map(\.usage)
    words += node.form.options.map { "[\($0.usage)]" + ($0.isRepeatable ? "..." : "") }
    let lines = HelpText.wrap(words: words, indent: path.joined(separator: " ").count + 8, first: "USAGE:")
    return lines.joined(separator: "\n")
  }

  private static func title(_ option: OptionForm) -> String {
    (option.short.map { "-\($0), " } ?? "") + option.usage
  }

  private static func explanation(_ option: OptionForm) -> String {
    option.help + (option.fallback.map { " (default: \($0))" } ?? "")
  }

  private func section(_ title: String, _ rows: [(String, String)], stacked: Bool = false) -> [String] {
    guard !rows.isEmpty else { return [] }
    let lines = rows.flatMap { stacked ? HelpText.stack($0) : HelpText.align($0) }
    return [(["\(title):"] + lines).joined(separator: "\n")]
  }

  private static func align(_ row: (String, String)) -> [String] {
    let body = wrap(row.1, indent: column)
    let head = "  " + row.0
    guard head.count < column - 1, let first = body.first else { return [head] + body }
    return [head + String(repeating: " ", count: column - head.count) + first.dropFirst(column)] + body.dropFirst()
  }

  private static func stack(_ row: (String, String)) -> [String] { ["  " + row.0] + wrap(row.1, indent: 6) }

  private static func wrap(_ text: String, indent: Int) -> [String] {
    wrap(words: text.split(separator: " ").map { String($0) }, indent: indent, first: nil)
  }

  /// Fills lines with words; a first word stands at the margin, all other lines are indented.
  private static func wrap(words: [String], indent: Int, first: String?) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = first ?? margin
    var isStart = first == nil
    for word in words {
      if !isStart, line.count + 1 + word.count > width {
        lines.append(line)
        line = margin
        isStart = true
      }
      line += isStart ? word : " " + word
      isStart = false
    }
    return lines + [line]
  }
}
