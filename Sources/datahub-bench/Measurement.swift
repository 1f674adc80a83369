/// One measured rate.
struct Measurement {
  let name: String
  let perSecond: Double
  let unit: String
}

/// Runs a body again and again for a while and gives how many bytes a second it got through: the best of five spells.
func measure(_ name: String, bytes: Int, seconds: Double, _ body: () throws -> Void) rethrows -> Measurement {
  let rate = try bestRate(seconds: seconds, body)
  return Measurement(name: name, perSecond: rate * Double(bytes) / 1_000_000, unit: "MB/s")
}

/// The same, counted in items a run.
func measure(_ name: String, items: Int, seconds: Double, _ body: () throws -> Void) rethrows -> Measurement {
  let rate = try bestRate(seconds: seconds, body)
  return Measurement(name: name, perSecond: rate * Double(items), unit: "records/s")
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
      let duration = start.duration(to: clock.now)
      elapsed = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
    best = max(best, Double(runs) / elapsed)
  }
  return best
}
