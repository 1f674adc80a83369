import Values

/// A form that a text must have to be taken by a function, beyond being a text.
enum TextForm: Sendable {
  case datePattern
  case zone
  case pattern
  /// A pattern with one group at most, which is what is taken out.
  case extractedPattern

  /// Refuses a text that is not of the form, in the words of the call that would be made with it.
  func check(_ text: String) throws(Failure) {
    switch self {
    case .datePattern:
      let pattern = try Functions.datePattern(text)
      if let mistake = pattern.mistake { throw Failure.invalid(mistake.message, help: mistake.help) }
    case .zone: _ = try Functions.zone(.string(text))
    case .pattern: _ = try PatternCache.pattern(text)
    case .extractedPattern: try Functions.refuseGroups(try PatternCache.finder(text))
    }
  }
}
