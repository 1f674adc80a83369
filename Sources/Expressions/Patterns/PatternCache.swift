import Synchronization

/// Patterns that were made at run time, so that the next record need not compile them again.
enum PatternCache {
  private static let patterns = Mutex<[String: Pattern]>([:])
  private static let finders = Mutex<[String: PatternFinder]>([:])
  private static let limit = 128

  static func pattern(_ source: String) throws(Failure) -> Pattern {
    if let known = patterns.withLock({ $0[source] }) { return known }
    let pattern: Pattern
    do throws(PatternError) {
      pattern = try Pattern(source)
    } catch {
      throw refusal(error)
    }
    patterns.withLock { patterns in
      if patterns.count >= limit { patterns.removeAll() }
      patterns[source] = pattern
    }
    return pattern
  }

  static func finder(_ source: String) throws(Failure) -> PatternFinder {
    if let known = finders.withLock({ $0[source] }) { return known }
    let finder: PatternFinder
    do throws(PatternError) {
      finder = try PatternFinder(source)
    } catch {
      throw refusal(error)
    }
    finders.withLock { finders in
      if finders.count >= limit { finders.removeAll() }
      finders[source] = finder
    }
    return finder
  }

  private static func refusal(_ error: PatternError) -> Failure {
    Failure.invalid(
      "the regular expression is not valid: \(error.message)",
      help: "the syntax is RE2's (github.com/google/re2/wiki/Syntax)")
  }
}
