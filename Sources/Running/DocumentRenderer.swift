import Connecting
import Expressions
import Keeping
import Plans
import Templates
import Values

/// Turns kept records into target documents: each into one of its own, or those of a group into one together.
struct DocumentRenderer: ~Copyable {
  /// What rendering a document came to.
  enum Outcome {
    case document(Document)
    /// Why there is none, and what would wake a record that waits.
    case failed(Failure, awaits: [Awaited], waitsFor: String?)
  }

  /// A rendered document, and the records it is made of.
  struct Document {
    let items: [WriteItem]
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
    try await renderAll(records) { renderer, record throws in try renderer.document(record) }
  }

  /// The documents of groups, or why there is none, in their order.
  ///
  /// - Throws: where the finder does not answer.
  mutating func render(_ groups: [GroupDocument]) async throws -> [Outcome] {
    try await renderAll(groups) { renderer, group throws in try renderer.document(group) }
  }

  private mutating func renderAll<Subject>(
    _ subjects: [Subject], _ make: (inout DocumentRenderer, Subject) throws -> Document
  ) async throws -> [Outcome] {
    var results: [Outcome?] = Array(repeating: nil, count: subjects.count)
    var open = Array(subjects.indices)
    while !open.isEmpty {
      var left: [Int] = []
      for place in open {
        results[place] = render(subjects[place], make)
        if results[place] == nil { left.append(place) }
      }
      if !left.isEmpty { try await found?.answerAll(by: finder) }
      open = left
    }
    return results.compactMap(\.self)
  }

  /// The outcome of a document; nil where it asked something that has no answer yet.
  private mutating func render<Subject>(
    _ subject: Subject, _ make: (inout DocumentRenderer, Subject) throws -> Document
  ) -> Outcome? {
    var outcome: Outcome?
    if let found, found.isIncomplete({ outcome = result(subject, make) }) {
      flow.branches?.drop()
      return nil
    }
    if found == nil { outcome = result(subject, make) }
    flow.branches?.keep()
    return outcome
  }

  private mutating func result<Subject>(
    _ subject: Subject, _ make: (inout DocumentRenderer, Subject) throws -> Document
  ) -> Outcome {
    do {
      return .document(try make(&self, subject))
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
      items: [record.item],
      outgoing: OutgoingItem(
        document: try mapping.evaluate(&activation), idempotencyKey: flow.idempotencyKey(of: record),
        delivered: record.delivered.map { .init(revision: $0.revision, id: $0.id) }))
  }

  private mutating func document(_ group: GroupDocument) throws -> Document {
    activation.set("delivered", .null)
    activation.set("record", group.members.first?.content ?? .null)
    activation.set("records", .list(group.members.map(\.content)))
    activation.set("group", .string(group.key))
    var outgoing = flow.outgoing(of: group.members, group.key)
    outgoing.document = try mapping.evaluate(&activation)
    return Document(items: group.items, outgoing: outgoing)
  }
}

extension Flow {
  /// The same for every attempt to send one revision of a record, and for nothing else.
  func idempotencyKey(of record: PendingRecord) -> String {
    SendKey.text(of: plan, record: record.key, revision: record.revision)
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
