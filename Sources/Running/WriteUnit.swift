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
  /// Which of its record's documents it is, where there are many.
  var part: Int?
  /// What is written back when the target has it.
  var back: Value?

  /// A rendered document.
  init(_ document: DocumentRenderer.Document) {
    items = document.items
    outgoing = document.outgoing
  }

  /// A document of records.
  init(items: [WriteItem], outgoing: OutgoingItem, sought: String? = nil) {
    self.items = items
    self.outgoing = outgoing
    self.sought = sought
  }

  /// A document that was carried along.
  init(_ carried: WritePayload.Carried, items: [WriteItem]) {
    self.items = items
    outgoing = OutgoingItem(
      document: carried.document, idempotencyKey: carried.idempotencyKey, delivered: carried.delivered)
    part = carried.part
    back = carried.back
  }

  /// As it is carried along.
  var carried: WritePayload.Carried {
    WritePayload.Carried(
      document: outgoing.document, idempotencyKey: outgoing.idempotencyKey, delivered: outgoing.delivered, part: part,
      back: back)
  }

  /// The unit as it is once the target has it, under the name the target gave it.
  func delivered(as id: String?) -> WriteUnit {
    var unit = self
    unit.outgoing.delivered = .init(revision: items.first?.revision ?? 0, id: id ?? outgoing.delivered?.id)
    return unit
  }

  /// What goes into a request of an operation: a call beside the write has a key of its own.
  func outgoing(for operation: WriteOperation) -> OutgoingItem {
    operation.name.map { outgoing(named: $0) } ?? outgoing
  }

  /// What it is kept under that one of a record's documents was done: `document 1`, ...
  static func name(of part: Int) -> String { "document \(part + 1)" }

  /// The outgoing item with the key of something that is done beside the write, or as a part of it.
  func outgoing(named name: String) -> OutgoingItem {
    var copy = outgoing
    copy.idempotencyKey = WriteUnit.key(outgoing.idempotencyKey, named: name)
    return copy
  }

  /// The key of something that is done beside the write of this key, or as a part of it.
  static func key(_ key: String, named name: String) -> String {
    base32(HashFunction.sha256.digest(Array("\(key)\0\(name)".utf8)).prefix(20))
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
