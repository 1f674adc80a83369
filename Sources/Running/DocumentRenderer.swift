import Connecting
import Digests
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
        document: document, idempotencyKey: flow.idempotencyKey(of: record),
        delivered: record.delivered.map { .init(revision: $0.revision, id: $0.id) }))
  }
}

extension Flow {
  /// The same for every attempt to send one revision of a record, and for nothing else.
  ///
  /// 160 bits of SHA-256 over hub, target, operation, record and revision, as 32 letters and digits of base32: some
  /// platforms take no longer keys (YonSuite's `resubmitCheckKey` has at most 32).
  func idempotencyKey(of record: PendingRecord) -> String {
    let target = plan.target
    let parts = [name, target.connector, target.api.name, record.key, String(record.revision)]
    var bytes: [UInt8] = []
    for part in parts {
      bytes += part.utf8
      bytes.append(0)
    }
    return base32(HashFunction.sha256.digest(bytes).prefix(20))
  }
}

extension Failure {
  /// Why a record could not be rendered.
  init(rendering error: any Error, at now: Timestamp) {
    let mapping = error as? TemplateError
    self.init(
      kind: mapping?.isWaiting == true ? Failure.waitingKind : "mapping", message: "\(error)", field: mapping?.path,
      at: now)
  }

  /// The kind of what may still come by itself.
  static let waitingKind = "waiting"
}
