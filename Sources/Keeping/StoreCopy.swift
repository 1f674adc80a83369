import Digests
import Plans
public import Values

/// Moves all that a store keeps into another one, and compares the two as they are kept.
public struct StoreCopy: Sendable {
  /// How far a copy has come.
  public enum Progress: Sendable {
    /// So many rows were written, of which so many are records.
    case written(rows: Int, records: Int)
    /// So many rows were compared.
    case compared(rows: Int)
  }

  /// A section of both stores.
  public struct Section: Sendable, Codable, Equatable {
    /// The section's name.
    public var name: String
    /// How many rows it has.
    public var rows: Int
    /// The digest of its rows in order: each is hashed, as canonical JSON, behind the digest of those before it.
    public var digest: String
  }

  private let from: any Store
  private let to: any Store
  /// How the mark of an unfinished copy calls the first one.
  private let name: String
  private let now: Timestamp
  private let progress: @Sendable (Progress) -> Void

  /// The most rows that are in memory at once.
  private static let mostRows = 500
  /// About how many bytes these may have.
  private static let mostBytes = 8 << 20

  /// A copy of a store into an unused one.
  public init(
    from: any Store, to: any Store, name: String, now: Timestamp,
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) {
    self.from = from
    self.to = to
    self.name = name
    self.now = now
    self.progress = progress
  }

  /// Copies, compares, and makes the copy usable; gives what both have.
  ///
  /// - Throws: ``StoreError``: `busy` where somebody works on one of them, `notEmpty` where the second one was used before,
  ///   `busy` too where the two differ in the end. After it has begun, the second one stays marked as unfinished.
  @discardableResult
  public func run() async throws -> [Section] {
    try await refuseWorkers()
    guard try await to.isUnused() else {
      throw StoreError(
        .notEmpty, "the store that is copied into, the second one, has something in it: copy into a new one")
    }
    try await from.rescueOrphans(now: now)
    try await refuseRunning()
    try await from.settleForCopy()
    try await to.beginFilling(from: name)
    try await copy()
    try await to.finishFilling()
    let (sections, differing) = try await compare()
    guard differing.isEmpty else {
      throw StoreError(
        .busy,
        "the two stores differ in \(differing.joined(separator: ", ")): if somebody worked on the first one meanwhile, remove "
          + "the second one and copy again")
    }
    // One that was started meanwhile may just have begun to send what the copy would send too.
    try await refuseWorkers()
    try await refuseRunning()
    try await to.releaseFilled()
    return sections
  }

  private func refuseWorkers() async throws {
    for (store, side) in [(from, "read from"), (to, "copied into")] {
      let workers = try await store.livingWorkers()
      guard workers.isEmpty else {
        let names = workers.prefix(3).joined(separator: ", ")
        let count = workers.count == 1 ? "a worker is" : "\(workers.count) workers are"
        throw StoreError(.busy, "\(count) on the store that is \(side): \(names): stop first what runs there")
      }
    }
  }

  private func refuseRunning() async throws {
    guard let task = try await from.tasks(TaskFilter(states: [.running], limit: 1)).first else { return }
    throw StoreError(
      .busy, "task \(task.id) is still leased to a worker that does not answer: try again when its lease has run out")
  }

  // MARK: - Copying

  private func copy() async throws {
    var (rows, records) = (0, 0)
    for section in StoreSection.allCases {
      for part in try await parts(of: section, in: from) {
        try await StoreCopy.walk(part, of: from) { page in
          try await to.put(page, into: part)
          rows += page.count
          if section == .records { records += page.count }
          progress(.written(rows: rows, records: records))
        }
      }
      if section == .lookups { try await makeLookups() }
    }
  }

  /// What records are found by is made anew of their content, which is there by now.
  private func makeLookups() async throws {
    var plans: [LookupPlan] = []
    try await StoreCopy.walk(StorePart(.lookups), of: to) { page in
      for row in page {
        guard let hub = row["hub"]?.stringValue, let text = row["fields"]?.stringValue else { continue }
        let fields = try Value(json: text).listValue?.compactMap(\.stringValue) ?? []
        plans.append(LookupPlan(hub: hub, fields: fields))
      }
    }
    if !plans.isEmpty { try await to.keepLookups(plans, onlyThese: true) }
  }

  private func parts(of section: StoreSection, in store: any Store) async throws -> [StorePart] {
    guard section.isOfHubs else { return [StorePart(section)] }
    var parts: [StorePart] = []
    try await StoreCopy.walk(StorePart(.hubs), of: store) { page in
      parts += page.compactMap { $0["name"]?.stringValue }.map { StorePart(section, hub: $0) }
    }
    return parts
  }

  /// Reads a part page by page; pages are smaller where rows are large.
  private static func walk(
    _ part: StorePart, of store: any Store, _ body: ([Value]) async throws -> Void
  ) async throws {
    var last: Value?
    var limit = 5
    while true {
      try Task.checkCancellation()
      let page = try await store.rows(of: part, after: last, limit: limit)
      guard let end = page.last else { return }
      try await body(page)
      last = end
      let bytes = page.reduce(0) { $0 + size($1) }
      // At most twice as many as before: after small rows may come large ones.
      limit = min(max(mostBytes / max(bytes / page.count, 1), 1), mostRows, 2 * limit)
    }
  }

  private static func size(_ value: Value) -> Int {
    switch value {
    case .bytes(let bytes): bytes.count
    case .string(let text): text.utf8.count
    case .list(let items): items.reduce(16) { $0 + size($1) }
    case .map(let map): map.values.reduce(64) { $0 + size($1) }
    default: 8
    }
  }

  // MARK: - Comparing

  private func compare() async throws -> (sections: [Section], differing: [String]) {
    var compared = 0
    var sections: [Section] = []
    var differing: [String] = []
    // What a worker changes that was started meanwhile is looked at last.
    for section in StoreSection.allCases.filter({ !$0.changesWithWork })
      + StoreSection.allCases.filter(\.changesWithWork)
    {
      let first = try await StoreCopy.digest(section, parts(of: section, in: from), of: from)
      let second = try await StoreCopy.digest(section, parts(of: section, in: to), of: to)
      if first != second { differing.append("\(section.rawValue) (\(first.rows) and \(second.rows) rows)") }
      sections.append(second)
      compared += second.rows
      progress(.compared(rows: compared))
    }
    let order = StoreSection.allCases.map(\.rawValue)
    sections.sort { order.firstIndex(of: $0.name) ?? 0 < order.firstIndex(of: $1.name) ?? 0 }
    return (sections, differing)
  }

  /// What a store keeps, section by section.
  public static func sections(of store: any Store) async throws -> [Section] {
    let copy = StoreCopy(from: store, to: store, name: "", now: Timestamp(milliseconds: 0))
    var sections: [Section] = []
    for section in StoreSection.allCases {
      sections.append(try await digest(section, copy.parts(of: section, in: store), of: store))
    }
    return sections
  }

  private static func digest(
    _ section: StoreSection, _ parts: [StorePart], of store: any Store
  ) async throws -> Section {
    var digest: [UInt8] = []
    var rows = 0
    var parser = JSONParser()
    for part in parts {
      try await walk(part, of: store) { page in
        for row in page {
          digest = HashFunction.sha256.digest(digest + canonical(row, &parser))
          rows += 1
        }
      }
    }
    return Section(name: section.rawValue, rows: rows, digest: hex(digest))
  }

  /// A record's content counts by what it says: one kind keeps its text, another a document.
  private static func canonical(_ row: Value, _ parser: inout JSONParser) -> [UInt8] {
    guard case .map(let map) = row, case .bytes(let content)? = map["content"] else {
      return row.jsonBytes(sortedKeys: true)
    }
    do throws(JSONError) {
      return Value.map(map.setting("content", to: try parser.parse(content))).jsonBytes(sortedKeys: true)
    } catch {
      // No JSON: its bytes count.
      return row.jsonBytes(sortedKeys: true)
    }
  }
}

extension StoreSection {
  /// True where each write that is sent changes something in it.
  fileprivate var changesWithWork: Bool { self == .tasks || self == .ledger }
}
