public import Connecting
public import Keeping
public import Plans
public import ServiceRuntime
import Synchronization
public import Values

/// The gate of one connector: what its platform takes in a span of time, and whether its system answers, shared through the
/// store by all workers of all processes.
///
/// A system that did not answer some times in a row is left alone for a while; then one call of one process is let
/// through, and decides (the "circuit breaker" of M. Nygard, "Release It!").
public final class StoreGate: CallGate {
  /// How long a call waits here; for longer its task is put back, which costs no attempt.
  static let patience = TimeSpan(seconds: 5)
  /// For how long what was read of the store is good.
  private static let memory = TimeSpan(seconds: 1)

  private struct Memory {
    var state = GateState()
    var readAt: Timestamp?
    /// Calls in a row without an answer.
    var failures = 0
    /// Whether the call that decides is this process's.
    var isProbing = false
  }

  private let connector: String
  private let limits: [CallLimit]
  private let circuit: CircuitPlan
  private let store: any GateStore
  private let stop: StopSignal
  private let now: @Sendable () -> Timestamp
  private let memory = Mutex(Memory())

  /// The gate of a connector of a plan.
  public init(
    _ connector: ConnectorPlan, store: any GateStore, stop: StopSignal, now: @escaping @Sendable () -> Timestamp
  ) {
    self.connector = connector.name
    limits = (connector.limits ?? []).map { CallLimit(requests: $0.requests, milliseconds: $0.perMilliseconds) }
    circuit = connector.circuit ?? .usual
    self.store = store
    self.stop = stop
    self.now = now
  }

  /// Waits until the next call may be made; gives why not where that takes too long.
  public func admit() async -> CallFailure? {
    do {
      let state = try await state()
      if let until = state.openUntil, let refusal = try await probe(until, state) { return refusal }
      if let until = state.closedUntil, let refusal = await wait(until: until, "the platform asked to be left alone") {
        return refusal
      }
      guard !limits.isEmpty else { return nil }
      let now = now()
      let moment = try await store.bookCall(
        connector: connector, limits: limits, now: now, deadline: now + StoreGate.patience)
      return await wait(until: moment, "the limits of connector '\(connector)' are used up")
    } catch {
      // Without the store nobody knows what others do; the task's own calls to the store meet the same.
      return CallFailure(kind: .notSent, message: "not sent: the limits of '\(connector)' cannot be read: \(error)")
    }
  }

  /// Waits where that is not for long.
  private func wait(until moment: Timestamp, _ reason: String) async -> CallFailure? {
    let wait = moment - now()
    if wait <= .zero { return nil }
    if wait <= StoreGate.patience {
      await stop.sleep(for: wait.duration)
      if !stop.isStopping { return nil }
    }
    return CallFailure(
      kind: .rateLimited, message: "not sent: \(reason) until \(moment)", retryAfter: max(wait, .zero),
      isHeldBack: true)
  }

  private func state() async throws -> GateState {
    let now = now()
    let known = memory.withLock { memory in
      if let readAt = memory.readAt, now - readAt < StoreGate.memory, now >= readAt { return Optional(memory.state) }
      return nil
    }
    if let known { return known }
    let state = try await store.gate(connector: connector)
    remember(state)
    return state
  }

  private func remember(_ state: GateState) {
    let now = now()
    memory.withLock {
      $0.state = state
      $0.readAt = now
    }
  }

  // MARK: - The circuit

  /// Lets one call through once the pause is over; refuses all others.
  private func probe(_ until: Timestamp, _ state: GateState) async throws -> CallFailure? {
    let now = now()
    if now >= until {
      // Whoever changes the store first makes the call; the others find the pause prolonged.
      var claimed = state
      claimed.openUntil = now + pause(state.pauses)
      if try await store.changeGate(connector: connector, from: state, to: claimed) {
        remember(claimed)
        memory.withLock { $0.isProbing = true }
        return nil
      }
      memory.withLock { $0.readAt = nil }
    }
    let wait = max(until - now, TimeSpan(seconds: 1))
    return CallFailure(
      kind: .notSent,
      message: "not sent: connector '\(connector)' did not answer and is left alone until \(max(until, now + wait))",
      retryAfter: wait, isHeldBack: true)
  }

  private func pause(_ pauses: Int) -> TimeSpan {
    let factor = Int64(1) << min(pauses, 20)
    let (pause, isTooLong) = circuit.pauseMilliseconds.multipliedReportingOverflow(by: factor)
    let longest = circuit.maximumPauseMilliseconds
    return TimeSpan(milliseconds: isTooLong ? longest : min(pause, longest))
  }

  /// Is told what became of a call; what cannot be kept here is found out again by the next one.
  public func note(_ outcome: CallOutcome) async {
    switch outcome {
    case .failed(let failure) where failure.kind == .rateLimited:
      let now = now()
      let until = now + max(failure.retryAfter ?? TimeSpan(seconds: 1), TimeSpan(milliseconds: 50))
      try? await store.closeGate(connector: connector, until: until, now: now)  // see above
      memory.withLock { $0.readAt = nil }
    case .failed(let failure) where failure.kind == .notSent || failure.kind == .uncertain: await noteSilence()
    default: await noteAnswer()
    }
  }

  private func noteSilence() async {
    let now = now()
    let (failures, state, isProbe) = memory.withLock { memory in
      memory.failures += 1
      defer { memory.isProbing = false }
      return (memory.failures, memory.state, memory.isProbing)
    }
    // Calls that were under way when it opened say nothing new.
    if let until = state.openUntil, until > now, !isProbe { return }
    guard failures >= circuit.failures || state.pauses > 0 else { return }
    var open = state
    open.pauses += 1
    open.openUntil = now + pause(state.pauses)
    await change(from: state, to: open)
  }

  private func noteAnswer() async {
    let state = memory.withLock { memory in
      memory.failures = 0
      memory.isProbing = false
      return memory.state
    }
    guard state.pauses > 0 || state.openUntil != nil else { return }
    await change(from: state, to: GateState(closedUntil: state.closedUntil))
  }

  private func change(from old: GateState, to new: GateState) async {
    // See `note`.
    if (try? await store.changeGate(connector: connector, from: old, to: new)) == true {
      remember(new)
    } else {
      memory.withLock { $0.readAt = nil }
    }
  }
}
