import Digests
import Synchronization
import Values

/// The orders of the shop, sorted by when they were changed, and the journal of their changes.
final class ShopBook: Sendable {
  fileprivate struct State {
    /// By number.
    var orders: [ShopOrder]
    /// Places in `orders`, by time of change and number.
    var byTime: [Int] = []
    let places: [String: Int]
    var changes = 0
  }

  private let journal: Journal
  private let state: Mutex<State>

  /// Reads the orders and what became of them.
  ///
  /// - Throws: ``SandboxError``, also where the journal was made from other orders.
  init(orders path: String, journal journalPath: String, now: Timestamp) throws(SandboxError) {
    let bytes = try Files.read(path)
    let digest = hex(HashFunction.sha256.digest(bytes))
    var orders = try OrderFile.orders(bytes, path: path)
    var firstStart: Int64?
    var changes = 0
    let journal = try Journal(path: journalPath) { line, number throws(SandboxError) in
      let entry = try ShopJournal.read(line, number: number, path: journalPath)
      switch entry {
      case .start(let time, let source):
        guard source == digest else {
          throw SandboxError(
            code: .otherOrders, message: "\(journalPath) was made from other orders than those in \(path)")
        }
        firstStart = time
        ShopBook.place(&orders, before: time)
      case .change(let order, let amount, let modified):
        guard firstStart != nil, orders.indices.contains(order - 1) else {
          throw SandboxError(code: .malformed, message: "\(journalPath), line \(number): there is no such order")
        }
        orders[order - 1].amount = amount
        orders[order - 1].modified = modified
        changes += 1
      }
    }
    if firstStart == nil {
      var line = ByteBuffer()
      ShopJournal.append(.start(now.seconds, source: digest), to: &line)
      try journal.append(&line)
      ShopBook.place(&orders, before: now.seconds)
    }
    self.journal = journal
    let places = [String: Int](uniqueKeysWithValues: orders.enumerated().map { ($1.name, $0) })
    var state = State(orders: orders, places: places, changes: changes)
    state.sort()
    self.state = Mutex(state)
  }

  /// Moves the days of the file forward so that the last order lies one hour before the first start.
  ///
  /// Seconds from the row number, spread over a day, keep the times apart: 7,919 is prime to the seconds of a day, so no two
  /// of 86,400 neighbouring rows share one.
  private static func place(_ orders: inout [ShopOrder], before start: Int64) {
    for index in orders.indices { orders[index].modified += orders[index].number * 7_919 % 86_400 }
    let last = orders.reduce(Int64.min) { max($0, $1.modified) }
    for index in orders.indices { orders[index].modified += start - 3_600 - last }
  }

  /// Writes a page of the orders a query is about as a JSON array, and tells how many there are in all.
  func append(page: Int, of size: Int, matching query: ShopQuery, to text: inout ByteBuffer) -> Int {
    let (found, total) = state.withLock { $0.select(page: page, of: size, matching: query) }
    text.append(0x5B)
    for (number, order) in found.enumerated() {
      if number > 0 { text.append(0x2C) }
      order.append(to: &text)
    }
    text.append(0x5D)
    return total
  }

  /// Changes the next orders in turn: adds 1.00 to what is to be paid, and the time of change is now.
  ///
  /// - Returns: The names of the orders.
  /// - Throws: ``SandboxError`` where the journal cannot be written; nothing has been changed then.
  func change(_ count: Int, now: Timestamp) throws(SandboxError) -> [String] {
    // As in the ERP's book, the journal is written within the lock.
    try state.withLock { state throws(SandboxError) in
      var changed: [ShopOrder] = []
      var lines = ByteBuffer(capacity: 64 * count + 64)
      for step in 0..<min(count, state.orders.count) {
        var order = state.orders[(state.changes + step) % state.orders.count]
        do throws(DecimalError) {
          order.amount = try order.amount.adding(Decimal(coefficient: 100, scale: 2))
        } catch {
          throw SandboxError(code: .malformed, message: "order \(order.name): \(error)")
        }
        order.modified = now.seconds
        ShopJournal.append(
          .change(order: Int(order.number), amount: order.amount, modified: order.modified), to: &lines)
        changed.append(order)
      }
      try journal.append(&lines)
      for order in changed { state.orders[Int(order.number) - 1] = order }
      state.changes += changed.count
      state.sort()
      return changed.map(\.name)
    }
  }

  /// How many orders there are, how many changes there were, and the sum of what is to be paid.
  func summary() throws(DecimalError) -> (orders: Int, changes: Int, amount: Decimal) {
    let (orders, changes) = state.withLock { ($0.orders, $0.changes) }
    var sum = Decimal(Int64(0))
    for order in orders { sum = try sum.adding(order.amount) }
    return (orders.count, changes, sum)
  }
}

extension ShopBook.State {
  fileprivate mutating func sort() {
    byTime = orders.indices.sorted { left, right in
      (orders[left].modified, left) < (orders[right].modified, right)
    }
  }

  /// One page of what a query is about, and the count of all of it.
  fileprivate func select(page: Int, of size: Int, matching query: ShopQuery) -> ([ShopOrder], Int) {
    var range = byTime[...]
    if let window = query.window {
      let start = byTime.partition { orders[$0].modified >= window.lowerBound }
      let end = byTime.partition { orders[$0].modified > window.upperBound }
      range = byTime[start..<max(start, end)]
    }
    if let status = query.status, status != ShopOrder.status { range = [] }
    if let names = query.names {
      let wanted = Set(names.compactMap { places[$0] })
      range = range.filter { wanted.contains($0) }[...]
    }
    let skipped = min((page - 1) * size, range.count)
    return (range.dropFirst(skipped).prefix(size).map { orders[$0] }, range.count)
  }
}

extension Array {
  /// The first place from which on all elements belong; those that do not stand before those that do.
  fileprivate func partition(where belongs: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
