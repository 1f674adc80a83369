public import SourceText

/// Writes diagnostics for people, with the source lines they are about.
///
/// The layout is the one of rustc:
///
///     error[DH1004]: duplicate key 'source'
///       --> hubs/sales.yaml:12:3
///        |
///      7 |   source:
///        |   ------ first given here
///     ...
///     12 |   source:
///        |   ^^^^^^
///        |
///        = help: remove one of the two
///
/// Characters that a terminal would obey rather than show are replaced.
public struct TextRenderer: Sendable {
  /// The number of diagnostics that are written where nothing else is said.
  public static let maximumCount = 100

  /// Whether ANSI colours are written.
  public var color: Bool
  /// The number of terminal columns a source line fills at most.
  public var width: Int

  /// Makes a renderer.
  public init(color: Bool = false, width: Int = 100) {
    self.color = color
    self.width = width
  }

  /// Returns the diagnostics as text, in the order given; of those behind the first ones, how many there are.
  public func render(
    _ diagnostics: [Diagnostic], sources: SourceCollection, limit: Int = TextRenderer.maximumCount
  ) -> String {
    var blocks = diagnostics.prefix(limit).map { render($0, sources: sources) }
    if let more = moreFindings(diagnostics, limit: limit) { blocks.append("... \(more)\n") }
    return blocks.joined(separator: "\n")
  }

  /// Returns one diagnostic as text that ends with a line feed.
  public func render(_ diagnostic: Diagnostic, sources: SourceCollection) -> String {
    let severity = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", style(diagnostic.severity))
    var lines = [severity + paint(": \(SafeText.line(diagnostic.message))", .bold)]
    let marks = marks(of: diagnostic, sources: sources)
    let gutter = marks.map { String($0.line).count }.max() ?? 1
    let margin = String(repeating: " ", count: gutter)
    let groups = grouped(marks)
    for (index, group) in groups.enumerated() {
      lines.append(contentsOf: snippet(group, isFirst: index == 0, severity: diagnostic.severity, gutter: gutter))
    }
    let footers = footers(of: diagnostic)
    if !groups.isEmpty, !footers.isEmpty { lines.append(margin + paint(" |", .gutter)) }
    for (name, text) in footers {
      let texts = SafeText.line(text).split(separator: "\n", omittingEmptySubsequences: false)
      lines.append(margin + paint(" = ", .gutter) + paint("\(name): ", .bold) + (texts.first ?? ""))
      let indent = margin + String(repeating: " ", count: 5 + name.count)
      lines.append(contentsOf: texts.dropFirst().map { indent + $0 })
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func footers(of diagnostic: Diagnostic) -> [(String, String)] {
    var footers = diagnostic.notes.map { ("note", $0) }
    if let help = diagnostic.help { footers.append(("help", help)) }
    if let fix = diagnostic.fixIt {
      // Only a safe fix is one that --fix makes; any other is an idea, which the help may have told already.
      if fix.applicability == .safe {
        footers.append(("fix", fix.message))
      } else if diagnostic.help == nil {
        footers.append(("help", fix.message))
      }
    }
    return footers
  }
}

// MARK: - Source lines

extension TextRenderer {
  /// A label at its line.
  private struct Mark {
    var file: SourceFile
    var line: Int
    var label: Label
    var isPrimary: Bool
  }

  private func marks(of diagnostic: Diagnostic, sources: SourceCollection) -> [Mark] {
    let labels = (diagnostic.primary.map { [($0, true)] } ?? []) + diagnostic.secondary.map { ($0, false) }
    return labels.map { label, isPrimary in
      let file = sources[label.span.file]
      return Mark(file: file, line: file.line(at: label.span.range.lowerBound), label: label, isPrimary: isPrimary)
    }
  }

  /// Returns the marks by file, the file of the first mark first, in the order of lines.
  private func grouped(_ marks: [Mark]) -> [[Mark]] {
    var groups: [[Mark]] = []
    for mark in marks {
      if let index = groups.firstIndex(where: { $0[0].file.id == mark.file.id }) {
        groups[index].append(mark)
      } else {
        groups.append([mark])
      }
    }
    return groups
  }

  private func snippet(_ marks: [Mark], isFirst: Bool, severity: Severity, gutter: Int) -> [String] {
    let margin = String(repeating: " ", count: gutter)
    let file = marks[0].file
    let position = file.position(at: marks[0].label.span.range.lowerBound)
    let place = "\(SafeText.line(file.path)):\(position.line):\(position.column)"
    var lines = [margin + paint(isFirst ? "--> " : "::: ", .gutter) + place, margin + paint(" |", .gutter)]
    var previous: Int?
    for number in Set(marks.map(\.line)).sorted() {
      if let previous, number == previous + 2 {
        lines.append(sourceLine(file, previous + 1, marks: [], severity: severity, gutter: gutter)[0])
      } else if let previous, number > previous + 2 {
        lines.append(paint("...", .gutter))
      }
      let here = marks.filter { $0.line == number }
      lines.append(contentsOf: sourceLine(file, number, marks: here, severity: severity, gutter: gutter))
      previous = number
    }
    return lines
  }

  private func sourceLine(
    _ file: SourceFile, _ number: Int, marks: [Mark], severity: Severity, gutter: Int
  ) -> [String] {
    let focus = marks.first?.label.span.range ?? file.lineRange(number).lowerBound..<file.lineRange(number).lowerBound
    let view = LineView(file, line: number, focus: focus.lowerBound)
    let (text, shift) = view.text(available: width - gutter - 3, around: view.columns(of: focus))
    let name = String(number)
    let numberText = String(repeating: " ", count: gutter - name.count) + name
    var lines = [paint("\(numberText) |", .gutter) + (text.isEmpty ? "" : " " + text)]
    let margin = String(repeating: " ", count: gutter) + paint(" |", .gutter) + " "
    for mark in marks {
      let columns = view.columns(of: mark.label.span.range)
      let start = max(0, columns.lowerBound - shift)
      let room = max(1, width - gutter - 3 - start)
      let length = min(columns.count, room)
      let sign = String(repeating: mark.isPrimary ? "^" : "-", count: length)
      let words = mark.label.text.map { " " + SafeText.line($0) } ?? ""
      let style = mark.isPrimary ? style(severity) : .gutter
      lines.append(margin + String(repeating: " ", count: start) + paint(sign + words, style))
    }
    return lines
  }
}

// MARK: - Colours

extension TextRenderer {
  private enum Style: String {
    case bold = "1"
    case gutter = "1;34"
    case error = "1;31"
    case warning = "1;33"
    case note = "1;36"
  }

  private func style(_ severity: Severity) -> Style {
    switch severity {
    case .error: .error
    case .warning: .warning
    case .note: .note
    }
  }

  private func paint(_ text: String, _ style: Style) -> String {
    color ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }
}
