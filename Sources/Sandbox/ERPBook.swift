import Synchronization
import Values

/// The orders the ERP holds, and the journal of how they came to be.
///
/// What is answered as done stands in the journal first: the journal is the truth, the rest a picture of it.
final class ERPBook: Sendable {
  /// What became of one item.
  enum Outcome: Sendable {
    case saved(id: String, code: String)
    case refused(code: String?, ERPRefusal)
  }

  /// How often what was done.
  struct Counts: Sendable {
    var orders = 0
    var inserts = 0
    var updates = 0
    var replays = 0
    var refused = 0
    var amount = Decimal(Int64(0))
  }

  fileprivate struct Entry {
    let id: String
    var key: String?
    var amount: Decimal
    var order: [UInt8]
  }

  fileprivate struct State {
    /// In the order of their ids.
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    var counts = Counts()
  }

  private let journal: Journal
  private let state: Mutex<State>

  /// Opens the book of a journal file, or starts one.
  init(journal path: String) throws(SandboxError) {
    var state = State()
    var parser = JSONParser()
    journal = try Journal(path: path) { line, number throws(SandboxError) in
      let effect = try ERPEffect.read(line, number: number, path: path, &parser)
      do throws(DecimalError) {
        try state.take(
          isInsert: effect.isInsert, code: effect.code, id: effect.id, key: effect.key, amount: effect.amount,
          order: effect.order.jsonBytes())
      } catch {
        throw SandboxError(code: .malformed, message: "\(path), line \(number): \(error)")
      }
    }
    self.state = Mutex(state)
  }

  var counts: Counts { state.withLock { $0.counts } }

  /// Carries out the items of one request, each by itself.
  ///
  /// - Throws: ``SandboxError`` where the journal cannot be written; nothing has been done then.
  func write(_ items: [ERPWrite]) throws(SandboxError) -> [Outcome] {
    // The journal is written within the lock, which keeps its lines in the order of what they tell; the lock is only ever
    // held by threads of their own, one a connection.
    try state.withLock { state throws(SandboxError) in
      let before = state.counts
      var lines = ByteBuffer(capacity: 512 * items.count)
      var undo: [(place: Int, entry: Entry?)] = []
      let outcomes = items.map { state.carryOut($0, &lines, &undo) }
      if lines.count > 0 {
        do throws(SandboxError) {
          try journal.append(&lines)
        } catch {
          state.revert(undo, to: before)
          throw error
        }
      }
      return outcomes
    }
  }

  /// Writes an order with its id as a JSON object; false where there is none of that code.
  func append(orderOf code: String, to text: inout ByteBuffer) -> Bool {
    let entry = state.withLock { state in state.places[code].map { state.entries[$0] } }
    guard let entry else { return false }
    ERPBook.append(entry, to: &text)
    return true
  }

  /// Writes a page of orders as a JSON array, and tells how many orders there are.
  func append(page: Int, of size: Int, to text: inout ByteBuffer) -> Int {
    let (entries, total) = state.withLock { state in
      let start = min((page - 1) * size, state.entries.count)
      return (state.entries[start..<min(start + size, state.entries.count)], state.entries.count)
    }
    text.append(0x5B)
    for (number, entry) in entries.enumerated() {
      if number > 0 { text.append(0x2C) }
      ERPBook.append(entry, to: &text)
    }
    text.append(0x5D)
    return total
  }

  private static func append(_ entry: Entry, to text: inout ByteBuffer) {
    text.append(#"{"id":"#)
    text.appendJSONString(entry.id)
    text.append(0x2C)
    // The order is a JSON object with at least its code: its opening brace is replaced.
    entry.order.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { text.append(start + 1, bytes.count - 1) }
    }
  }
}

extension ERPBook.State {
  /// Decides one item and does it, leaving in `undo` how to take it back.
  fileprivate mutating func carryOut(
    _ item: ERPWrite, _ lines: inout ByteBuffer, _ undo: inout [(place: Int, entry: ERPBook.Entry?)]
  ) -> ERPBook.Outcome {
    let write: ERPWrite.Sound
    switch item {
    case .refused(let code, let refusal): return refuse(code, refusal)
    case .sound(let sound): write = sound
    }
    let place = places[write.code]
    if let place, let key = write.key, entries[place].key == key {
      counts.replays += 1
      return .saved(id: entries[place].id, code: write.code)
    }
    if write.isInsert, place != nil { return refuse(write.code, .exists) }
    if !write.isInsert, place == nil { return refuse(write.code, .missing) }
    let former = place.map { entries[$0] }
    let id = former?.id ?? ERPBook.State.id(entries.count + 1)
    do throws(DecimalError) {
      try take(
        isInsert: write.isInsert, code: write.code, id: id, key: write.key, amount: write.amount, order: write.order)
    } catch {
      return refuse(write.code, .invalid("amount", "\(error)"))
    }
    undo.append((place ?? entries.count - 1, former))
    ERPEffect.append(
      to: &lines, isInsert: write.isInsert, code: write.code, id: id, key: write.key, order: write.order)
    return .saved(id: id, code: write.code)
  }

  private mutating func refuse(_ code: String?, _ refusal: ERPRefusal) -> ERPBook.Outcome {
    counts.refused += 1
    return .refused(code: code, refusal)
  }

  /// Puts an effect into the picture.
  fileprivate mutating func take(
    isInsert: Bool, code: String, id: String, key: String?, amount: Decimal, order: [UInt8]
  ) throws(DecimalError) {
    if let place = places[code] {
      counts.amount = try counts.amount.subtracting(entries[place].amount).adding(amount)
      entries[place].key = key
      entries[place].amount = amount
      entries[place].order = order
    } else {
      counts.amount = try counts.amount.adding(amount)
      places[code] = entries.count
      entries.append(ERPBook.Entry(id: id, key: key, amount: amount, order: order))
      counts.orders += 1
    }
    if isInsert { counts.inserts += 1 } else { counts.updates += 1 }
  }

  /// Takes back what one request did.
  fileprivate mutating func revert(_ undo: [(place: Int, entry: ERPBook.Entry?)], to counts: ERPBook.Counts) {
    for (place, entry) in undo.reversed() {
      if let entry {
        entries[place] = entry
      } else {
        entries.removeLast()
        places = places.filter { $0.value != place }
      }
    }
    self.counts = counts
  }

  /// The id of the nth order: `E00000001`, ...
  private static func id(_ number: Int) -> String {
    let digits = String(number)
    return "E" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}
