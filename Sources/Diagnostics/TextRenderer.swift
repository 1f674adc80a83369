public import SourceText

/// Writes diagnostics for people, with the source lines they are about.
public struct TextRenderer: Sendable {
  /// Whether ANSI colours are written.
  public var color: Bool
  /// The number of terminal columns to fill at most.
  public var width: Int

  /// Makes a renderer.
  public init(color: Bool = false, width: Int = 100) {
    self.color = color
    self.width = width
  }

  /// Returns the diagnostics as text, in the order given.
  public func render(_ diagnostics: [Diagnostic], sources: SourceCollection) -> String {
    diagnostics.map(\.message).joined(separator: "\n")
  }
}
