import Connecting
import Digests
import Expressions
import Keeping
import Plans
import Templates
public import Values

extension TargetDispatcher {
  /// The most pending records that are gathered at a time; what is beyond waits for the next time.
  private static let mostGrouped = 20_000
  private static let pageSize = 5_000

  /// Queues a write for each group of pending records, but for groups of which one is on its way.
  func dispatch(_ flow: Flow, _ grouping: Grouping) async throws -> Result {
    let now = context.now()
    let version = try await flow.tables.refresh(from: context.store)
    var maker = WriteMaker(flow, now: now, valuesVersion: version)
    let groups = try await gather(flow, grouping, &maker)
    let held = Set(try await context.store.heldLocks(hub: flow.name).map(GroupLock.group))
    let free = groups.filter { !held.contains($0.key) }
    var count = maker.unsendable.count
    var open = OpenGroups()
    let documents = free.flatMap { $0.documents(grouping, at: now, open: &open) }
    let finder = StoreFinder(store: context.store, lookups: flow.plan.lookups ?? [])
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    for (document, outcome) in zip(documents, try await renderer.render(documents)) {
      if context.errors?.isSpent(lookingAt: count, failing: maker.failed) == true { break }
      count += document.members.count
      maker.add(outcome, of: document)
    }
    var result = try await queue(maker, of: count, flow, now)
    result.open = open
    return result
  }

  /// The groups that are left open for further records.
  func openGroups(_ flow: Flow) async throws -> OpenGroups {
    var open = OpenGroups()
    guard let grouping = flow.grouping, grouping.wait != nil else { return open }
    let now = context.now()
    var maker = WriteMaker(flow, now: now)
    let held = Set(try await context.store.heldLocks(hub: flow.name).map(GroupLock.group))
    for group in try await gather(flow, grouping, &maker) where !held.contains(group.key) {
      _ = group.documents(grouping, at: now, open: &open)
    }
    return open
  }

  /// The pending records by what they have in common, in the order of the first of each.
  private func gather(_ flow: Flow, _ grouping: Grouping, _ maker: inout WriteMaker) async throws -> [RecordGroup] {
    var groups: [RecordGroup] = []
    var places: [String: Int] = [:]
    var position: Int64 = 0
    var count = 0
    while count < TargetDispatcher.mostGrouped {
      let page = try await context.store.pendingRecords(
        hub: flow.name, after: position, limit: TargetDispatcher.pageSize)
      for record in page {
        do {
          try groups.add(record, &places, grouping)
        } catch {
          maker.refuse(record.item, error)
        }
      }
      count += page.count
      guard page.count == TargetDispatcher.pageSize, let last = page.last else { break }
      position = last.position
    }
    return groups
  }
}

/// Records that become one document together.
struct RecordGroup {
  struct Member {
    let record: PendingRecord
    let content: Value
    let lines: Int
  }

  let key: String
  var members: [Member]
}

/// One of the documents that the records of a group become.
struct GroupDocument {
  let key: String
  /// Which of the group's documents it is.
  let number: Int
  let members: [RecordGroup.Member]

  var items: [WriteItem] { members.map(\.record.item) }
}

/// Records that stay pending since the document they are to be in is open for more of their group.
public struct OpenGroups: Sendable, Equatable {
  /// How many records.
  public var records = 0
  /// When the first of the documents is closed.
  public var until: Timestamp?
}

extension RecordGroup {
  /// The documents that are not left open for further records.
  ///
  /// - Parameter open: counts the records of the one that is.
  func documents(_ grouping: Grouping, at now: Timestamp, open: inout OpenGroups) -> [GroupDocument] {
    var documents = documents(grouping)
    // What is before the last one is full.
    guard let last = documents.last, let first = last.members.map(\.record.firstSeenAt).min(),
      let end = grouping.opening(lines: last.members.reduce(0) { $0 + $1.lines }, since: first), end > now
    else { return documents }
    documents.removeLast()
    open.records += last.members.count
    open.until = open.until.map { min($0, end) } ?? end
    return documents
  }

  /// What its records become: one document, or several where it has too many lines for one.
  func documents(_ grouping: Grouping) -> [GroupDocument] {
    grouping.documents(of: members.map { ($0, $0.lines) }).enumerated().map {
      GroupDocument(key: key, number: $0.offset, members: $0.element)
    }
  }
}

extension [RecordGroup] {
  /// Puts a record into its group.
  ///
  /// - Parameter places: where each group stands in the list.
  mutating func add(_ record: PendingRecord, _ places: inout [String: Int], _ grouping: Grouping) throws {
    let content = try Value(jsonBytes: record.content)
    let key = try grouping.key(of: content)
    let member = RecordGroup.Member(record: record, content: content, lines: try grouping.lines(of: content))
    if let place = places[key] {
      self[place].members.append(member)
    } else {
      places[key] = count
      append(RecordGroup(key: key, members: [member]))
    }
  }
}

/// What keeps a group from being on its way twice: each document of a group has a lock of its own, with the group before it.
enum GroupLock {
  static func text(_ group: String, _ number: Int) -> String { "\(group)#\(number)" }

  static func group(_ lock: String) -> String {
    lock.lastIndex(of: "#").map { String(lock[..<$0]) } ?? lock
  }
}

extension Flow {
  /// Whether a record becomes many documents: `each` stands at the top of the mapping.
  var fansOut: Bool { plan.mapping["each"] != nil && plan.mapping["emit"] != nil }

  /// What goes out for a group, without its document: its key is the same as long as its records are.
  func outgoing(of members: [RecordGroup.Member], _ group: String) -> OutgoingItem {
    let keys = members.map { idempotencyKey(of: $0.record) }.joined(separator: "\n")
    let key = base32(HashFunction.sha256.digest(Array("\(group)\0\(keys)".utf8)).prefix(20))
    return OutgoingItem(document: .null, idempotencyKey: key)
  }
}
