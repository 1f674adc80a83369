import Dispatch

/// What a function gives for each element, in their order, worked out on all cores.
///
/// For work that is the same whoever does it first, such as reading the files of a project, each by itself. Few elements are
/// not worth a thread's start and stay on this one.
///
/// - Parameter fewest: how many elements it takes before more than one thread works on them.
public func concurrentMap<Element: Sendable, Outcome: Sendable>(
  _ elements: [Element], fewest: Int = 16, _ transform: @Sendable (Element) -> Outcome
) -> [Outcome] {
  let count = elements.count
  if count < max(fewest, 2) { return elements.map(transform) }
  return [Outcome](unsafeUninitializedCapacity: count) { buffer, initialized in
    if let base = buffer.baseAddress {
      // Each place is written once, by whoever takes it, and read when all are done.
      nonisolated(unsafe) let places = base
      // Pieces, so that handing one out costs little beside working on it, and the last are done at about the same time.
      let piece = max(1, count / 64)
      DispatchQueue.concurrentPerform(iterations: (count + piece - 1) / piece) { number in
        for place in number * piece..<min(count, (number + 1) * piece) {
          (places + place).initialize(to: transform(elements[place]))
        }
      }
    }
    initialized = count
  }
}
