import Digests
import Keeping
import Plans

/// The idempotency keys in an edited write, and those that take their places: its records have new revisions.
struct KeyChanges {
  struct Change {
    let old: String
    let new: String
  }

  private(set) var changes: [Change] = []

  /// - Parameters:
  ///   - payload: the write.
  ///   - items: its records, in the order it carries them.
  init(_ payload: WritePayload, _ items: [EditedItem], of hub: HubPlan) {
    let records = items.map { item in
      Change(
        old: SendKey.text(of: hub, record: item.key, revision: item.oldRevision),
        new: SendKey.text(of: hub, record: item.key, revision: item.newRevision))
    }
    changes = records
    // Where they stand is all that is to be known of the records here.
    let units = payload.units(of: items.indices.map { WriteItem(record: Int64($0), revision: 0) })
    var documents: [Change] = []
    for (place, unit) in units.enumerated() {
      let carried = payload.carried.flatMap { place < $0.count ? $0[place] : nil }
      documents.append(KeyChanges.change(unit.map { records[Int($0.record)] }, carried))
    }
    changes += documents
    if let first = records.first { changes += (payload.rest ?? []).map { KeyChanges.change([first], $0) } }
    // A call beside the write has a key of its own, and a request of several documents one of all of theirs.
    let sent = payload.operation.name.map { name in
      documents.map { Change(old: WriteUnit.key($0.old, named: name), new: WriteUnit.key($0.new, named: name)) }
    }
    if let sent { changes += sent }
    if documents.count > 1 { changes.append(KeyChanges.whole(sent ?? documents)) }
  }

  /// The text with the new keys in the places of the old ones.
  func applied(to text: String) -> String {
    changes.reduce(text) { $1.old.isEmpty ? $0 : $0.replacing($1.old, with: $1.new) }
  }

  /// The change of the key of a document that is made of these records.
  private static func change(_ records: [Change], _ carried: WritePayload.Carried?) -> Change {
    if let record = records.first, records.count == 1 {
      guard let name = carried?.part.map(WriteUnit.name) else { return grouped(record, carried) ?? record }
      return Change(old: WriteUnit.key(record.old, named: name), new: WriteUnit.key(record.new, named: name))
    }
    return derived(records, from: carried?.idempotencyKey ?? "")
  }

  /// The change for a group of one record: its key is not the record's.
  private static func grouped(_ record: Change, _ carried: WritePayload.Carried?) -> Change? {
    guard let key = carried?.idempotencyKey, key != record.old else { return nil }
    return derived([record], from: key)
  }

  /// A group's key is made of its records' keys, and of what they have in common, which a write does not keep.
  private static func derived(_ records: [Change], from old: String) -> Change {
    let parts = ([old] + records.map(\.new)).joined(separator: "\n")
    return Change(old: old, new: base32(HashFunction.sha256.digest(Array(parts.utf8)).prefix(20)))
  }

  private static func whole(_ documents: [Change]) -> Change {
    func key(_ keys: [String]) -> String { hex(HashFunction.sha256.digest(Array(keys.joined(separator: "\n").utf8))) }
    return Change(old: key(documents.map(\.old)), new: key(documents.map(\.new)))
  }
}
