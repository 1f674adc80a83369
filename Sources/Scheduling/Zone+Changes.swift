import Values

extension Zone {
  /// The moment a time of day comes: the first one where clocks show it twice, and the one after the gap where they skip it.
  func moment(ofTimeOfDay civil: CivilTime) -> Timestamp {
    let moment = timestamp(civil)
    let offset = offset(at: moment)
    // What clocks never show is given as the moment it would be if they had not been changed: the gap lies before that.
    guard CivilTime(moment, offset: offset) != civil else { return moment }
    return lastChange(after: moment - TimeSpan(seconds: 26 * 3_600), upTo: moment) ?? moment
  }

  /// The first moment with another offset than the one at `start`, up to `end`.
  func firstChange(after start: Timestamp, upTo end: Timestamp) -> Timestamp? {
    guard !isFixed else { return nil }
    var time = start
    while time < end {
      let later = min(time + Zone.stride, end)
      if offset(at: later) != offset(at: time) { return change(between: time, later) }
      time = later
    }
    return nil
  }

  /// The last moment up to `end` at which the offset changed, after `start`.
  func lastChange(after start: Timestamp, upTo end: Timestamp) -> Timestamp? {
    guard !isFixed else { return nil }
    var time = end
    while time > start {
      let earlier = max(time - Zone.stride, start)
      if offset(at: earlier) != offset(at: time) { return change(between: earlier, time) }
      time = earlier
    }
    return nil
  }

  /// No zone changes its offset and changes it back within so short a time.
  private static let stride = TimeSpan(seconds: 6 * 3_600)

  /// The first second with the offset of the later moment.
  private func change(between earlier: Timestamp, _ later: Timestamp) -> Timestamp {
    let old = offset(at: earlier)
    var (low, high) = (earlier.seconds, later.seconds)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if offset(at: Timestamp(seconds: middle)) == old { low = middle } else { high = middle }
    }
    return Timestamp(seconds: high)
  }
}
