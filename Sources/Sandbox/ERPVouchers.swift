import Synchronization
import Values

/// The vouchers the ERP holds, and the journal of how they came to be.
///
/// Unlike its orders they have no key by which a repeated write would be known: what is sent twice is there twice. They are
/// taken all or none, and have to be submitted and audited.
final class ERPVouchers: Sendable {
  /// Where a voucher stands.
  enum State: String {
    case draft, submitted, audited, voided
  }

  /// One voucher.
  struct Voucher {
    let id: String
    var number: String
    var content: Value
    var state = State.draft
    /// When it was made; nil for one that was read back.
    let madeAt: Timestamp?
  }

  /// How often what was done.
  struct Counts {
    var creates = 0
    var refusedRequests = 0
    var submits = 0
    var audits = 0
    var updates = 0
    var voids = 0
    var searches = 0
  }

  fileprivate struct Book {
    var vouchers: [Voucher] = []
    var places: [String: Int] = [:]
    var counts = Counts()
  }

  private let journal: Journal
  private let book: Mutex<Book>
  private let now: StandInClock

  /// Opens the book of a journal file, or starts one.
  init(journal path: String, clock: @escaping StandInClock) throws(SandboxError) {
    now = clock
    var book = Book()
    var parser = JSONParser()
    journal = try Journal(path: path) { line, number throws(SandboxError) in
      guard let entry = try? parser.parse(Array(line)), let id = entry["id"]?.stringValue,
        let effect = entry["effect"]?.stringValue, book.replay(effect, id, entry["voucher"])
      else { throw SandboxError(code: .malformed, message: "\(path), line \(number): this is no effect on a voucher") }
    }
    self.book = Mutex(book)
  }

  /// Makes vouchers, all or none; gives their ids, or what is wrong with the first that is not sound.
  func create(_ items: [Value]) throws(SandboxError) -> Result<[String], ERPRefusal> {
    try book.withLock { book throws(SandboxError) in
      for (index, item) in items.enumerated() {
        guard let problem = ERPVouchers.problem(with: item) else { continue }
        book.counts.refusedRequests += 1
        return .failure(ERPRefusal(code: "1003", message: "row \(index + 1): \(problem)"))
      }
      var lines = ByteBuffer(capacity: 256 * items.count)
      let first = book.vouchers.count + 1
      let ids = items.indices.map { ERPVouchers.id(first + $0) }
      for (id, item) in zip(ids, items) { ERPVouchers.append("create", id, item, to: &lines) }
      try journal.append(&lines)
      for (id, item) in zip(ids, items) { book.make(id, item, at: now()) }
      return .success(ids)
    }
  }

  /// Moves a voucher on; gives why it cannot be.
  func move(_ id: String, to state: State, content: Value? = nil) throws(SandboxError) -> ERPRefusal? {
    try book.withLock { book throws(SandboxError) in
      guard let place = book.places[id] else { return .missing }
      let old = book.vouchers[place].state
      if let refusal = ERPVouchers.refusal(of: old, to: state, isChange: content != nil) { return refusal }
      var lines = ByteBuffer()
      ERPVouchers.append(content == nil ? state.rawValue : "update", id, content, to: &lines)
      try journal.append(&lines)
      _ = book.replay(content == nil ? state.rawValue : "update", id, content)
      return nil
    }
  }

  /// The vouchers of these numbers that the search finds: not those made within the lag, and none that is voided.
  func search(_ numbers: Set<String>, lag: Duration) -> [Value] {
    let horizon =
      now()
      - TimeSpan(milliseconds: lag.components.seconds * 1_000 + lag.components.attoseconds / 1_000_000_000_000_000)
    return book.withLock { book in
      book.counts.searches += 1
      return book.vouchers.filter { voucher in
        numbers.contains(voucher.number) && voucher.state != .voided && voucher.madeAt.map { $0 <= horizon } ?? true
      }.map(ERPVouchers.value)
    }
  }

  /// All vouchers, in the order they were made.
  var all: [Value] { book.withLock { $0.vouchers.map(ERPVouchers.value) } }

  /// What it holds and what was done, for the stand-in's summary.
  var summary: Value {
    book.withLock { book in
      let live = book.vouchers.filter { $0.state != .voided }
      let counts = book.counts
      return [
        "held": .int(Int64(live.count)), "duplicates": .int(Int64(live.count - Set(live.map(\.number)).count)),
        "creates": .int(Int64(counts.creates)), "refusedRequests": .int(Int64(counts.refusedRequests)),
        "submits": .int(Int64(counts.submits)), "audits": .int(Int64(counts.audits)),
        "updates": .int(Int64(counts.updates)), "voids": .int(Int64(counts.voids)),
        "searches": .int(Int64(counts.searches)),
      ]
    }
  }

  // MARK: - Rules

  private static func problem(with item: Value) -> String? {
    guard let number = item["number"]?.stringValue, !number.isEmpty, number.utf8.count <= 64 else {
      return "number: a text of 1 to 64 bytes is expected"
    }
    guard let amount = ERPWrite.amount(item["amount"]) else { return "amount: a number is expected" }
    if amount < Decimal(Int64(0)) { return "amount: \(amount) is below zero" }
    return nil
  }

  private static func refusal(of old: State, to new: State, isChange: Bool) -> ERPRefusal? {
    if old == .voided { return new == .voided ? .alreadyDone : ERPRefusal(code: "1008", message: "单据已作废") }
    if isChange { return nil }
    switch (old, new) {
    case (.draft, .submitted), (.submitted, .audited), (_, .voided): return nil
    case (.draft, .audited): return ERPRefusal(code: "1007", message: "单据未提交")
    default: return .alreadyDone
    }
  }

  // MARK: - Forms

  private static func append(_ effect: String, _ id: String, _ content: Value?, to lines: inout ByteBuffer) {
    lines.appendJSON(["effect": .string(effect), "id": .string(id), "voucher": content ?? .null])
    lines.append(0x0A)
  }

  private static func value(_ voucher: Voucher) -> Value {
    let own: [(String, Value)] = [("id", .string(voucher.id)), ("state", .string(voucher.state.rawValue))]
    let rest = (voucher.content.mapValue?.entries ?? []).compactMap { key, value in
      key.value.stringValue.map { ($0, value) }
    }
    return .map(ValueMap(own + rest))
  }

  /// The id of the nth voucher: `V00000001`, ...
  private static func id(_ number: Int) -> String {
    let digits = String(number)
    return "V" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
  }
}

extension ERPVouchers.Book {
  mutating func make(_ id: String, _ content: Value, at time: Timestamp?) {
    places[id] = vouchers.count
    vouchers.append(
      ERPVouchers.Voucher(id: id, number: content["number"]?.stringValue ?? "", content: content, madeAt: time))
    counts.creates += 1
  }

  /// Takes an effect over; false where there is no such effect.
  fileprivate mutating func replay(_ effect: String, _ id: String, _ content: Value?) -> Bool {
    if effect == "create" {
      guard let content else { return false }
      make(id, content, at: nil)
      return true
    }
    guard let place = places[id] else { return false }
    if effect == "update" {
      guard let content else { return false }
      vouchers[place].content = content
      vouchers[place].number = content["number"]?.stringValue ?? vouchers[place].number
      counts.updates += 1
      return true
    }
    guard let state = ERPVouchers.State(rawValue: effect) else { return false }
    vouchers[place].state = state
    switch state {
    case .submitted: counts.submits += 1
    case .audited: counts.audits += 1
    case .voided: counts.voids += 1
    case .draft: return false
    }
    return true
  }
}

extension ERPRefusal {
  /// What is asked for has been done before.
  static let alreadyDone = ERPRefusal(code: "1005", message: "单据已处理")
}
