import Connecting
import Digests
import Keeping
import Values

/// One document on its way to the target, and the records it is made of.
struct WriteUnit: Sendable {
  /// The records; several where a document is made of a group.
  var items: [WriteItem]
  /// The document with its key, and what the target knows of it.
  var outgoing: OutgoingItem
  /// What it is looked up by; nil where it is never looked up.
  var sought: String?

  /// The document of one record.
  init(_ document: DocumentRenderer.Document) {
    items = [document.item]
    outgoing = document.outgoing
  }

  /// A document of records.
  init(items: [WriteItem], outgoing: OutgoingItem, sought: String? = nil) {
    self.items = items
    self.outgoing = outgoing
    self.sought = sought
  }

  /// The unit as it is once the target has it, under the name the target gave it.
  func delivered(as id: String?) -> WriteUnit {
    var unit = self
    unit.outgoing.delivered = .init(revision: items.first?.revision ?? 0, id: id ?? outgoing.delivered?.id)
    return unit
  }

  /// What goes into a request of an operation: a call beside the write has a key of its own.
  func outgoing(for operation: WriteOperation) -> OutgoingItem {
    guard let name = operation.name else { return outgoing }
    var copy = outgoing
    copy.idempotencyKey = base32(
      HashFunction.sha256.digest(Array("\(outgoing.idempotencyKey)\0\(name)".utf8)).prefix(20))
    return copy
  }
}

/// What became of one unit of a write.
enum UnitResult: Sendable {
  case done(id: String?)
  case failed(Failure)
  case again(Failure)
  case uncertain(Failure)
  /// A write that follows goes on with it.
  case goesOn
}
