public import Values

/// What a store is made of, in the order it is copied.
public enum StoreSection: String, Sendable, CaseIterable {
  case deployments, hubs, pulls, records, tasks, ledger, lookups, lookupWaits, deliveryWaits, cursors, parents
  case gates, schedules, runs, values, audit, auditItems, chores, numbers

  /// True where its rows are asked for hub by hub.
  public var isOfHubs: Bool {
    switch self {
    case .records, .lookupWaits, .deliveryWaits, .cursors, .parents, .schedules, .runs: true
    default: false
    }
  }
}

/// A section, or the rows of it that belong to one hub.
public struct StorePart: Sendable, Hashable {
  /// The section.
  public var section: StoreSection
  /// The hub; nil for a section that is of none.
  public var hub: String?

  /// A part of a store.
  public init(_ section: StoreSection, hub: String? = nil) {
    self.section = section
    self.hub = hub
  }
}

/// A store whose whole content can be read, and put into another of any kind, as rows that are the same for all kinds.
///
/// A row is a map: numbers, texts and bytes, times as milliseconds since 1970, what is not there left out. What only one kind
/// keeps, such as indexes, counters and hints, is in no row: the other kind makes its own.
public protocol PortableStore: Sendable {
  /// Makes the store ready to be read: gives what its orders need a place. Nobody may work on it meanwhile.
  func settleForCopy() async throws
  /// The rows of a part behind one of them, in a defined order; none at the end.
  func rows(of part: StorePart, after row: Value?, limit: Int) async throws -> [Value]
  /// Puts rows into a part of a store that is being filled.
  func put(_ rows: [Value], into part: StorePart) async throws
  /// True where nothing was ever kept in the store.
  func isUnused() async throws -> Bool
  /// The workers that may be at work on the store.
  func livingWorkers() async throws -> [String]
  /// Marks the store as a copy that is not whole: from then on nobody opens it.
  func beginFilling(from source: String) async throws
  /// Makes what the store's kind keeps beside the rows.
  func finishFilling() async throws
  /// Takes the mark away: the store is whole.
  func releaseFilled() async throws
}

extension Value {
  /// A row of a copy: fields that are nil are left out.
  public static func portable(_ fields: [(String, Value?)]) -> Value {
    .map(ValueMap(fields.compactMap { name, value in value.map { (name, $0) } }))
  }
}

/// Rows of which several have one number, such as what a record waits for.
public enum PortableGroups {
  /// Cuts a page so that no group is cut, and puts each group into one order.
  ///
  /// - Parameters:
  ///   - limit: how many rows were asked for.
  ///   - whole: gives all rows of a group that is longer than a page.
  public static func page(
    _ rows: [Value], limit: Int, by name: String, whole: (Int64) throws -> [Value]
  ) rethrows -> [Value] {
    func number(_ row: Value) -> Int64 { row[name]?.intValue ?? 0 }
    var page = rows
    if rows.count >= limit, let last = rows.last.map(number) {
      page.removeAll { number($0) == last }
      if page.isEmpty { page = try whole(last) }
    }
    return page.map { ($0, $0.jsonBytes(sortedKeys: true)) }
      .sorted { left, right in
        let (a, b) = (number(left.0), number(right.0))
        return a == b ? left.1.lexicographicallyPrecedes(right.1) : a < b
      }.map(\.0)
  }
}
