// What the user is told about his files.
//
// A `Diagnostic` is data: a code, a message, places. A phase collects them in `Diagnostics` and returns them beside
// its value as `Checked`; a renderer turns them into text. Nothing here prints, and nothing here knows the language
// that is checked.
//
//     var diagnostics = Diagnostics()
//     diagnostics.append(
//       Diagnostic(.duplicateKey, "duplicate key 'source'", at: second, label: nil, secondary: [Label(first, "first given here")]))
//     let text = TextRenderer(color: false, width: 100).render(diagnostics.sorted, sources: sources)

import SourceText

/// A collector of diagnostics.
public struct Diagnostics: Sendable {
  /// The diagnostics in the order they were found.
  public private(set) var all: [Diagnostic] = []
  /// Whether one of them is an error.
  public private(set) var hasErrors = false

  /// Makes an empty collector.
  public init() {}

  /// Makes a collector of the given diagnostics.
  public init(_ diagnostics: some Sequence<Diagnostic>) {
    append(contentsOf: diagnostics)
  }

  /// Whether nothing was found.
  public var isEmpty: Bool { all.isEmpty }

  /// The number of diagnostics, duplicates included.
  public var count: Int { all.count }

  /// Adds one diagnostic.
  public mutating func append(_ diagnostic: Diagnostic) {
    all.append(diagnostic)
    if diagnostic.severity == .error { hasErrors = true }
  }

  /// Adds several diagnostics.
  public mutating func append(contentsOf diagnostics: some Sequence<Diagnostic>) {
    for diagnostic in diagnostics { append(diagnostic) }
  }

  /// Adds what another collector holds.
  public mutating func append(contentsOf other: Diagnostics) {
    all.append(contentsOf: other.all)
    hasErrors = hasErrors || other.hasErrors
  }

  /// The diagnostics by file, offset and code, each once; those without a place come first.
  public var sorted: [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let unique = all.filter { seen.insert($0).inserted }
    return unique.enumerated().sorted { left, right in
      Self.precedes(left, right)
    }.map(\.element)
  }

  private static func precedes(
    _ left: (offset: Int, element: Diagnostic), _ right: (offset: Int, element: Diagnostic)
  ) -> Bool {
    let (a, b) = (left.element, right.element)
    switch (a.primary?.span, b.primary?.span) {
    case (nil, .some): return true
    case (.some, nil): return false
    case (let first?, let second?) where first.file != second.file: return first.file < second.file
    case (let first?, let second?) where first.range.lowerBound != second.range.lowerBound:
      return first.range.lowerBound < second.range.lowerBound
    default:
      return (a.code.rawValue, left.offset) < (b.code.rawValue, right.offset)
    }
  }
}
