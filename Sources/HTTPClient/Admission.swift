/// Decides which transfer may start: at most so many at once, at most so many to one origin, first come first served within
/// an origin and in turn between origins.
///
/// libcurl could queue by itself, but counts the wait against the connect time-out and does not say why it waits.
struct Admission {
  private struct Origin {
    var active = 0
    var waiting: [Transfer] = []
    var head = 0

    mutating func popFirst() -> Transfer? {
      guard head < waiting.count else { return nil }
      let first = waiting[head]
      head += 1
      if head == waiting.count {
        waiting.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 64, head * 2 >= waiting.count {
        waiting.removeFirst(head)
        head = 0
      }
      return first
    }
  }

  private let maximum: Int
  private let maximumPerOrigin: Int
  private var origins: [String: Origin] = [:]
  /// The origins somebody waits for, in the order of their turns.
  private var turns: [String] = []
  private var active = 0
  /// When the first waiting transfer runs out of time, or earlier; `nil` when none waits.
  private(set) var nextDeadline: ContinuousClock.Instant?

  /// Whether nobody waits.
  var isEmpty: Bool { turns.isEmpty }

  init(maximum: Int, maximumPerOrigin: Int) {
    self.maximum = max(1, maximum)
    self.maximumPerOrigin = max(1, maximumPerOrigin)
  }

  /// Returns whether `transfer` may start now; if not, it waits its turn.
  mutating func admit(_ transfer: Transfer) -> Bool {
    var origin = origins.removeValue(forKey: transfer.origin) ?? Origin()
    defer { origins[transfer.origin] = origin }
    if active < maximum, origin.active < maximumPerOrigin, origin.waiting.isEmpty {
      origin.active += 1
      active += 1
      return true
    }
    if origin.waiting.isEmpty { turns.append(transfer.origin) }
    origin.waiting.append(transfer)
    nextDeadline = nextDeadline.map { min($0, transfer.deadline) } ?? transfer.deadline
    return false
  }

  /// Gives back the place of a transfer that had been admitted.
  mutating func release(_ transfer: Transfer) {
    active -= 1
    guard var origin = origins[transfer.origin] else { return }
    origin.active -= 1
    origins[transfer.origin] = origin.active == 0 && origin.waiting.isEmpty ? nil : origin
  }

  /// Returns the next waiting transfer that may start now.
  mutating func next() -> Transfer? {
    guard active < maximum, !turns.isEmpty else { return nil }
    for index in turns.indices {
      let name = turns[index]
      guard var origin = origins[name], origin.active < maximumPerOrigin else { continue }
      origins[name] = nil  // Taken out while it changes, so that its queue is not copied.
      let first = origin.popFirst()
      if first != nil {
        origin.active += 1
        active += 1
      }
      turns.remove(at: index)
      if !origin.waiting.isEmpty { turns.append(name) }
      origins[name] = origin
      if turns.isEmpty { nextDeadline = nil }
      return first
    }
    return nil
  }

  /// Takes out the waiting transfers `predicate` picks and returns them.
  mutating func removeWaiting(where predicate: (Transfer) -> Bool) -> [Transfer] {
    var removed: [Transfer] = []
    nextDeadline = nil
    for name in turns {
      guard var origin = origins[name] else { continue }
      let waiting = origin.waiting[origin.head...]
      removed += waiting.filter(predicate)
      origin.waiting = waiting.filter { !predicate($0) }
      origin.head = 0
      for transfer in origin.waiting {
        nextDeadline = nextDeadline.map { min($0, transfer.deadline) } ?? transfer.deadline
      }
      origins[name] = origin.active == 0 && origin.waiting.isEmpty ? nil : origin
    }
    turns.removeAll { origins[$0]?.waiting.isEmpty ?? true }
    return removed
  }
}
