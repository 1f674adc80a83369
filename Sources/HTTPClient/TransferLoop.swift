import CLibCurl
import Glibc
import Synchronization

/// The thread that runs libcurl's multi interface, and the queue that leads to it.
// Sendable because everything but `inbox` is touched only by the loop's thread (or before it starts, or after it ended).
final class TransferLoop: @unchecked Sendable {
  private enum Order {
    case start(Transfer, CheckedContinuation<Transfer.Outcome, Never>)
    case cancel(Transfer)
  }

  private struct Inbox {
    var orders: [Order] = []
    /// Whether the thread is, or is about to be, asleep; only then is a wake-up worth its system call.
    var isAsleep = false
    /// From when on running transfers are cut off; `nil` while the client is open.
    var stopDeadline: ContinuousClock.Instant?
    var thread: pthread_t?
    var hasEnded = false
    var waitingForEnd: [CheckedContinuation<Void, Never>] = []

    /// Returns whether the thread has to be woken, and notes that it is being woken.
    mutating func takeSleep() -> Bool {
      defer { isAsleep = false }
      return isAsleep
    }
  }

  private let configuration: HTTPClient.Configuration
  private let multi: UnsafeMutableRawPointer
  private let inbox = Mutex(Inbox())

  private var orders: [Order] = []
  private var stopDeadline: ContinuousClock.Instant?
  private var admission: Admission
  private var running: [ObjectIdentifier: Transfer] = [:]
  private var idleHandles: [EasyHandle] = []

  init(configuration: HTTPClient.Configuration) {
    _ = globalState
    self.configuration = configuration
    admission = Admission(
      maximum: configuration.maximumConnections, maximumPerOrigin: configuration.maximumConnectionsPerHost)
    guard let multi = curl_multi_init() else { fatalError("out of memory: libcurl cannot start") }
    self.multi = multi
    datahub_multi_setopt_long(multi, CURLMOPT_MAXCONNECTS, max(1, configuration.maximumConnections))
    startThread()
  }

  deinit {
    idleHandles.removeAll()
    curl_multi_cleanup(multi)
  }

  // MARK: - Called from any thread

  /// Hands a transfer over; `continuation` is resumed exactly once.
  func submit(_ transfer: Transfer, _ continuation: CheckedContinuation<Transfer.Outcome, Never>) {
    let (isOpen, mustWake) = inbox.withLock { inbox in
      guard inbox.stopDeadline == nil else { return (false, false) }
      inbox.orders.append(.start(transfer, continuation))
      return (true, inbox.takeSleep())
    }
    if mustWake { curl_multi_wakeup(multi) }
    if !isOpen {
      continuation.resume(
        returning: .failure(HTTPFailure(code: .shutDown, phase: .notSent, message: "the client is shut down")))
    }
  }

  /// Asks for a transfer to be ended, whether or not it has begun.
  func cancel(_ transfer: Transfer) {
    let mustWake = inbox.withLock { inbox in
      if inbox.hasEnded { return false }
      inbox.orders.append(.cancel(transfer))
      return inbox.takeSleep()
    }
    if mustWake { curl_multi_wakeup(multi) }
  }

  /// Refuses new transfers, and ends those that still run at `deadline`.
  func stop(at deadline: ContinuousClock.Instant) {
    let mustWake = inbox.withLock { inbox in
      inbox.stopDeadline = inbox.stopDeadline.map { min($0, deadline) } ?? deadline
      return inbox.hasEnded ? false : inbox.takeSleep()
    }
    if mustWake { curl_multi_wakeup(multi) }
  }

  /// Waits until the thread has ended.
  func join() async {
    await withCheckedContinuation { continuation in
      let hasEnded = inbox.withLock { inbox in
        if !inbox.hasEnded { inbox.waitingForEnd.append(continuation) }
        return inbox.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
    let thread = inbox.withLock { inbox in
      defer { inbox.thread = nil }
      return inbox.thread
    }
    // The thread has done its last work and is about to return, so this does not block for long.
    if let thread { pthread_join(thread, nil) }
  }

  /// Lets the thread end without anybody waiting for it.
  func abandon() {
    stop(at: .now)
    let thread = inbox.withLock { inbox in
      defer { inbox.thread = nil }
      return inbox.thread
    }
    if let thread { pthread_detach(thread) }
  }

  // MARK: - The thread

  private func startThread() {
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<TransferLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    let started = result == 0
    if !started { context.release() }
    inbox.withLock { inbox in
      inbox.thread = started ? thread : nil
      inbox.hasEnded = inbox.hasEnded || !started
      // Without its thread the client is as good as shut down: every request is refused.
      if !started { inbox.stopDeadline = .now }
    }
  }

  private func run() {
    // Signals are for other threads; a write to a closed socket answers with an error instead.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)

    while true {
      takeOrders()
      expireWaiting()
      if let stopDeadline, stopDeadline <= .now { cutOff() }
      var count: Int32 = 0
      let result = curl_multi_perform(multi, &count)
      precondition(result == CURLM_OK, "libcurl's multi handle is unusable")
      let hasStarted = finishDone()
      if stopDeadline != nil, running.isEmpty, admission.isEmpty, endIfEmpty() { return }
      if !hasStarted { sleep() }
    }
  }

  private func takeOrders() {
    inbox.withLock { inbox in
      inbox.isAsleep = false
      swap(&inbox.orders, &orders)
      stopDeadline = inbox.stopDeadline
    }
    for order in orders {
      switch order {
      case .start(let transfer, let continuation):
        transfer.attach(continuation)
        if transfer.isCancelled {
          fail(transfer, .cancelled, "the request was cancelled")
        } else if admission.admit(transfer) {
          start(transfer)
        }
      case .cancel(let transfer):
        cancelNow(transfer)
      }
    }
    orders.removeAll(keepingCapacity: true)
  }

  private func cancelNow(_ transfer: Transfer) {
    transfer.isCancelled = true  // It may come before the order to start.
    guard !transfer.isFinished else { return }
    if transfer.handle == nil {
      _ = admission.removeWaiting { $0 === transfer }
    }
    fail(transfer, .cancelled, "the request was cancelled")
    startWaiting()
  }

  private func expireWaiting() {
    guard let next = admission.nextDeadline, next <= .now else { return }
    let now = ContinuousClock.now
    for transfer in admission.removeWaiting(where: { $0.deadline <= now }) {
      fail(transfer, .timeoutConnecting, "no connection became free in time")
    }
  }

  private func cutOff() {
    let waiting = admission.removeWaiting { _ in true }
    for transfer in waiting + Array(running.values) { fail(transfer, .shutDown, "the client was shut down") }
  }

  private func start(_ transfer: Transfer) {
    guard let handle = idleHandles.popLast() ?? EasyHandle() else {
      admission.release(transfer)
      return fail(transfer, .protocolError, "out of memory")
    }
    let prepared = handle.prepare(transfer, configuration)
    transfer.handle = handle
    running[ObjectIdentifier(transfer)] = transfer
    guard prepared == CURLE_OK else {
      return fail(transfer, .invalidRequest, "libcurl refuses an option: \(handle.message(for: prepared))")
    }
    let added = curl_multi_add_handle(multi, handle.raw)
    if added != CURLM_OK { fail(transfer, .protocolError, "libcurl does not take the transfer") }
  }

  /// Starts what there is room for, and returns whether there was any.
  @discardableResult
  private func startWaiting() -> Bool {
    var hasStarted = false
    while let transfer = admission.next() {
      start(transfer)
      hasStarted = true
    }
    return hasStarted
  }

  /// Settles what libcurl has finished, and returns whether others were started in its place.
  private func finishDone() -> Bool {
    var finished = false
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let result = message.pointee.data.result
      var context: UnsafeMutableRawPointer?
      datahub_easy_getinfo_pointer(easy, CURLINFO_PRIVATE, &context)
      guard let context else { continue }
      let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
      guard let handle = transfer.handle else { continue }
      let outcome = outcome(of: transfer, on: handle, result)
      retire(transfer)
      transfer.finish(outcome)
      finished = true
    }
    return finished && startWaiting()
  }

  private func outcome(of transfer: Transfer, on handle: EasyHandle, _ result: CURLcode) -> Transfer.Outcome {
    guard result == CURLE_OK else {
      return .failure(HTTPFailure(result, of: transfer, message: handle.message(for: result)))
    }
    let status = handle.status
    // libcurl calls a response whole that was cut off within its header lines.
    guard transfer.head.isComplete, status >= 200 else {
      return .failure(
        HTTPFailure(code: .truncated, phase: transfer.phase, message: "the response ended within its header fields"))
    }
    return .success(transfer.makeResponse(status: status, version: handle.httpVersion))
  }

  /// Ends a transfer from this side.
  private func fail(_ transfer: Transfer, _ code: HTTPFailure.Code, _ message: String) {
    if transfer.handle != nil { retire(transfer) }
    transfer.finish(.failure(HTTPFailure(code: code, phase: transfer.phase, message: message)))
  }

  /// Takes a transfer off its handle, and keeps the handle for the next.
  private func retire(_ transfer: Transfer) {
    guard let handle = transfer.handle else { return }
    curl_multi_remove_handle(multi, handle.raw)
    transfer.handle = nil
    running[ObjectIdentifier(transfer)] = nil
    admission.release(transfer)
    handle.clear()
    idleHandles.append(handle)
  }

  private func sleep() {
    var pause = Duration.seconds(60)
    if let deadline = [admission.nextDeadline, stopDeadline].compactMap({ $0 }).min() {
      pause = max(.zero, min(pause, deadline - .now))
    }
    let maySleep = inbox.withLock { inbox in
      inbox.isAsleep = inbox.orders.isEmpty && inbox.stopDeadline == stopDeadline
      return inbox.isAsleep
    }
    guard maySleep else { return }
    let milliseconds = pause.components.seconds * 1000 + pause.components.attoseconds / 1_000_000_000_000_000 + 1
    let result = curl_multi_poll(multi, nil, 0, Int32(milliseconds), nil)
    precondition(result == CURLM_OK, "libcurl's multi handle is unusable")
  }

  /// Ends the loop for good, unless orders came in meanwhile.
  private func endIfEmpty() -> Bool {
    let waiting: [CheckedContinuation<Void, Never>]? = inbox.withLock { inbox in
      guard inbox.orders.isEmpty else { return nil }
      inbox.hasEnded = true
      defer { inbox.waitingForEnd = [] }
      return inbox.waitingForEnd
    }
    for continuation in waiting ?? [] { continuation.resume() }
    return waiting != nil
  }
}

/// libcurl's process-wide state, made once and kept.
private let globalState: Void = {
  guard curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK else { fatalError("libcurl cannot start") }
}()
