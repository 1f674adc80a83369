import Synchronization

/// Patterns that were made at run time, so that the next record need not compile them again.
enum PatternCache {
  private static let patterns = Mutex<[String: Pattern]>([:])
  private static let limit = 128

  static func pattern(_ source: String) throws(Failure) -> Pattern {
    if let known = patterns.withLock({ $0[source] }) { return known }
    let pattern: Pattern
    do throws(PatternError) {
      pattern = try Pattern(source)
    } catch {
      throw Failure.invalid("the regular expression is not valid: \(error.message)")
    }
    patterns.withLock { patterns in
      if patterns.count >= limit { patterns.removeAll() }
      patterns[source] = pattern
    }
    return pattern
  }
}
