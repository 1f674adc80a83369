/// One row of the table: what was measured, and what is wanted of it.
struct Measurement {
  /// What was measured.
  var name: String
  /// The figure.
  var value: Double
  /// What the figure counts.
  var unit: String
  /// At least this much is wanted, or at most where less is better; nil for a figure that others are held against.
  var wanted: Double?
  /// Whether a smaller figure is the better one.
  var lessIsBetter = false

  /// How much better than wanted it is: 1 is as wanted, 2 twice as good.
  var ratio: Double? { wanted.map { lessIsBetter ? $0 / value : value / $0 } }
}

/// Runs a body again and again for a while and gives how many megabytes a second it got through: the best of five spells.
func measure(
  _ name: String, bytes: Int, seconds: Double, wanted: Double? = nil, _ body: () throws -> Void
) rethrows -> Measurement {
  let rate = try bestRate(seconds: seconds, body)
  return Measurement(name: name, value: rate * Double(bytes) / 1_000_000, unit: "MB/s", wanted: wanted)
}

/// The same, counted in items a run.
func measure(
  _ name: String, items: Int, seconds: Double, wanted: Double? = nil, _ body: () throws -> Void
) rethrows -> Measurement {
  let rate = try bestRate(seconds: seconds, body)
  return Measurement(name: name, value: rate * Double(items), unit: "records/s", wanted: wanted)
}

/// The value in the middle; the mean of the two in the middle where there are two.
func median(_ values: [Double]) -> Double {
  let sorted = values.sorted()
  guard !sorted.isEmpty else { return .nan }
  return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
}

extension Duration {
  /// The span in seconds.
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

private func bestRate(seconds: Double, _ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  var best = 0.0
  for _ in 0..<5 {
    let start = clock.now
    var runs = 0
    var elapsed = 0.0
    while elapsed < seconds / 5 {
      try body()
      runs += 1
      elapsed = start.duration(to: clock.now).inSeconds
    }
    best = max(best, Double(runs) / elapsed)
  }
  return best
}
