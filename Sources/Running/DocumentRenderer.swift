import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Turns kept records into target documents.
struct DocumentRenderer: ~Copyable {
  /// A rendered record.
  struct Document {
    let item: WriteItem
    let outgoing: OutgoingItem
  }

  private let flow: Flow
  private var parser = JSONParser()
  private var activation: Activation

  init(flow: Flow, now: Timestamp) {
    self.flow = flow
    activation = flow.mapping.makeActivation()
    activation.set("now", .timestamp(now))
  }

  /// The document of a record.
  mutating func render(_ record: PendingRecord) throws -> Document {
    let delivered: Value =
      record.delivered.map { ["revision": .int($0.revision), "id": $0.id.map { .string($0) } ?? .null] } ?? .null
    activation.set("record", try parser.parse(record.content))
    activation.set("delivered", delivered)
    let document = try flow.mapping.evaluate(&activation)
    return Document(
      item: record.item,
      outgoing: OutgoingItem(
        document: document, idempotencyKey: idempotencyKey(record),
        delivered: record.delivered.map { .init(revision: $0.revision, id: $0.id) }))
  }

  private func idempotencyKey(_ record: PendingRecord) -> String {
    SendKey.text(of: flow.plan, record: record.key, revision: record.revision)
  }
}
