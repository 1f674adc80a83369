import Synchronization
import Values

/// Decides for each request what goes wrong with it.
final class FaultGate: Sendable {
  /// What becomes of one request.
  enum Verdict: Sendable {
    case proceed
    case tooManyRequests
    case errorBefore
    case errorAfter
    case dropAfter
  }

  /// How many requests came, and what became of them.
  struct Counts: Sendable {
    var requests = 0
    var rateLimited = 0
    var errorsBefore = 0
    var errorsAfter = 0
    var drops = 0

    var injected: Value {
      [
        "rateLimited": .int(Int64(rateLimited)), "errorsBefore": .int(Int64(errorsBefore)),
        "errorsAfter": .int(Int64(errorsAfter)), "drops": .int(Int64(drops)),
      ]
    }
  }

  fileprivate struct State {
    var faults: StandInFaults
    var random: SplitMix64
    var counts = Counts()
    /// Requests that may still come at once; refilled with time up to one second's worth.
    var allowance: Double
    var refilledAt: Timestamp
  }

  private let state: Mutex<State>
  private let now: @Sendable () -> Timestamp

  init(_ faults: StandInFaults, now: @escaping @Sendable () -> Timestamp) {
    self.now = now
    state = Mutex(
      State(
        faults: faults, random: SplitMix64(seed: faults.seed), allowance: Double(faults.requestsPerSecond ?? 0),
        refilledAt: now()))
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// The faults in force; setting them starts the random numbers and the allowance anew.
  var faults: StandInFaults {
    get { state.withLock { $0.faults } }
    set {
      let time = now()
      state.withLock { state in
        state.faults = newValue
        state.random = SplitMix64(seed: newValue.seed)
        state.allowance = Double(newValue.requestsPerSecond ?? 0)
        state.refilledAt = time
      }
    }
  }

  /// Counts a request and draws its fate, and tells how long its answer is held back.
  ///
  /// - Parameter isWrite: whether it is one of those that ``StandInFaults/dropNextWrites`` counts.
  func admit(isWrite: Bool = true) -> (verdict: Verdict, latency: Duration) {
    let time = now()
    return state.withLock { state in
      state.counts.requests += 1
      let faults = state.faults
      // Always three draws, so that changing one rate moves none of the others' faults.
      let before = state.random.nextFraction() < faults.errorBeforeSavingRate
      let after = state.random.nextFraction() < faults.errorAfterSavingRate
      let drop = state.random.nextFraction() < faults.dropAfterSavingRate
      if let limit = faults.requestsPerSecond, !state.spend(limit: limit, at: time) {
        state.counts.rateLimited += 1
        return (.tooManyRequests, faults.latency)
      }
      if before {
        state.counts.errorsBefore += 1
        return (.errorBefore, faults.latency)
      }
      if isWrite, faults.errorNextWrites > 0 {
        state.faults.errorNextWrites -= 1
        state.counts.errorsBefore += 1
        return (.errorBefore, faults.latency)
      }
      if after {
        state.counts.errorsAfter += 1
        return (.errorAfter, faults.latency)
      }
      let isCounted = isWrite && faults.dropNextWrites > 0
      if isCounted { state.faults.dropNextWrites -= 1 }
      if drop || isCounted { state.counts.drops += 1 }
      return (drop || isCounted ? .dropAfter : .proceed, faults.latency)
    }
  }
}

extension FaultGate.State {
  /// Takes one request off the allowance; false where it is used up.
  fileprivate mutating func spend(limit: Int, at time: Timestamp) -> Bool {
    let passed = time - refilledAt
    if passed > .zero {
      let seconds = Double(passed.seconds) + Double(passed.nanoseconds) / 1e9
      allowance = min(Double(limit), allowance + seconds * Double(limit))
      refilledAt = time
    }
    guard allowance >= 1 else { return false }
    allowance -= 1
    return true
  }
}
