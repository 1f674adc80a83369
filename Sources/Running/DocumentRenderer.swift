import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Turns kept records into target documents.
struct DocumentRenderer: ~Copyable {
  /// What rendering a record came to.
  enum Outcome {
    case document(Document)
    /// Why there is none, and what would wake a record that waits.
    case failed(Failure, awaits: [Awaited], waitsFor: String?)
  }

  /// A rendered record.
  struct Document {
    let item: WriteItem
    let outgoing: OutgoingItem
  }

  private let flow: Flow
  private let now: Timestamp
  private let finder: any RecordFinder
  /// Nil where the mapping asks for no records.
  private let found: FoundRecords?
  private let mapping: Template
  private var parser = JSONParser()
  private var activation: Activation

  /// - Parameter finder: answers the mapping's `find()`.
  init(flow: Flow, now: Timestamp, finder: any RecordFinder) throws {
    self.flow = flow
    self.now = now
    self.finder = finder
    found = flow.plan.lookups.map { FoundRecords($0) }
    mapping = try flow.mapping(asking: found)
    activation = mapping.makeActivation()
    activation.set("now", .timestamp(now))
  }

  /// The documents of records, or why there is none, in their order.
  ///
  /// - Throws: where the finder does not answer.
  mutating func render(_ records: [PendingRecord]) async throws -> [Outcome] {
    var results: [Outcome?] = Array(repeating: nil, count: records.count)
    var open = Array(records.indices)
    while !open.isEmpty {
      var left: [Int] = []
      for place in open {
        results[place] = render(records[place])
        if results[place] == nil { left.append(place) }
      }
      if !left.isEmpty { try await found?.answerAll(by: finder) }
      open = left
    }
    return results.compactMap(\.self)
  }

  /// The outcome of a record; nil where it asked something that has no answer yet.
  private mutating func render(_ record: PendingRecord) -> Outcome? {
    var outcome: Outcome?
    if let found, found.isIncomplete({ outcome = result(record) }) {
      flow.branches?.drop()
      return nil
    }
    if found == nil { outcome = result(record) }
    flow.branches?.keep()
    return outcome
  }

  private mutating func result(_ record: PendingRecord) -> Outcome {
    do {
      return .document(try document(record))
    } catch {
      let failure = Failure(rendering: error, at: now)
      return .failed(
        failure, awaits: failure.kind == Failure.waitingKind ? found?.awaited ?? [] : [],
        waitsFor: waitTopic(of: error))
    }
  }

  private mutating func document(_ record: PendingRecord) throws -> Document {
    let delivered: Value =
      record.delivered.map { ["revision": .int($0.revision), "id": $0.id.map { .string($0) } ?? .null] } ?? .null
    activation.set("record", try parser.parse(record.content))
    activation.set("delivered", delivered)
    return Document(
      item: record.item,
      outgoing: OutgoingItem(
        document: try mapping.evaluate(&activation), idempotencyKey: idempotencyKey(record),
        delivered: record.delivered.map { .init(revision: $0.revision, id: $0.id) }))
  }

  private func idempotencyKey(_ record: PendingRecord) -> String {
    SendKey.text(of: flow.plan, record: record.key, revision: record.revision)
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
