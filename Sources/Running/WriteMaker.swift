import Connecting
import Keeping
import Plans
import Values

/// Makes writes of documents: gathers them into batches, each operation for itself.
struct WriteMaker {
  private let flow: Flow
  private let now: Timestamp
  private var batches: [WriteOperation: [WriteUnit]] = [:]
  /// In the order their first documents came.
  private var order: [WriteOperation] = []
  private(set) var writes: [NewWrite] = []
  private(set) var unsendable: [UnsendableRecord] = []
  /// How many records cannot be sent and do not wait for anything.
  private(set) var failed = 0
  /// The documents of a trial; empty in earnest, where they are only in the writes.
  private(set) var documents: [Value] = []
  private let keepsDocuments: Bool
  private let valuesVersion: Int64?

  /// - Parameters:
  ///   - valuesVersion: the version of the kept value mappings that documents are rendered with.
  ///   - keepsDocuments: for a trial, which shows them.
  init(_ flow: Flow, now: Timestamp, valuesVersion: Int64? = nil, keepsDocuments: Bool = false) {
    self.valuesVersion = valuesVersion
    self.flow = flow
    self.now = now
    self.keepsDocuments = keepsDocuments
  }

  /// Takes what a record was rendered into: as a write or a change, the follow-up call that is left, or as many documents.
  mutating func add(_ outcome: DocumentRenderer.Outcome, of record: PendingRecord, done: [DoneStep]) {
    let document: DocumentRenderer.Document
    switch outcome {
    case .document(let rendered): document = rendered
    case .failed(let failure, let awaits, let topic): return refuse(record.item, failure, awaits, topic)
    }
    if flow.fansOut {
      fanOut(document, done: done)
    } else {
      if keepsDocuments { documents.append(document.outgoing.document) }
      var unit = WriteUnit(document)
      do {
        unit.back = try flow.writeBack.map { try $0.document(for: try Value(jsonBytes: record.content)) }
      } catch {
        return refuse(unit, error)
      }
      add(unit, to: flow.operation(for: record, done: done))
    }
  }

  /// Has a record taken back that the target has.
  mutating func takeBack(_ record: PendingRecord) {
    let outgoing = OutgoingItem(
      document: .null, idempotencyKey: flow.idempotencyKey(of: record),
      delivered: record.delivered.map { .init(revision: $0.revision, id: $0.id) })
    add(WriteUnit(items: [record.item], outgoing: outgoing), to: .void)
  }

  /// Takes a document; where it fills a batch, that becomes a write.
  mutating func add(_ unit: WriteUnit, to operation: WriteOperation = .write) {
    if batches[operation] == nil { order.append(operation) }
    batches[operation, default: []].append(unit)
    if batches[operation, default: []].count >= flow.batch(of: operation) { flush(operation) }
  }

  /// Takes the documents of a record that becomes many: those that are not done yet, a request's fill at a time.
  mutating func fanOut(_ document: DocumentRenderer.Document, done: [DoneStep]) {
    let whole = WriteUnit(document)
    var units = (document.outgoing.document.listValue ?? []).enumerated().map { part, content in
      var unit = whole
      unit.part = part
      unit.outgoing.document = content
      unit.outgoing.idempotencyKey = whole.outgoing(named: WriteUnit.name(of: part)).idempotencyKey
      return unit
    }
    if units.isEmpty {
      let reason = Failure(kind: "filtered", message: "it makes no document", at: now)
      for item in document.items { refuse(UnsendableRecord(item: item, failure: reason, isFiltered: true)) }
      return
    }
    let left = units.filter { unit in !done.contains { $0.name == unit.part.map(WriteUnit.name) } }
    if !left.isEmpty { units = left }
    if keepsDocuments { documents += units.map(\.outgoing.document) }
    do {
      writes.append(try flow.write(ofDocuments: units))
    } catch {
      refuse(whole, error)
    }
  }

  /// Takes what records of a group were rendered into: a write of its own, with the group's lock.
  mutating func add(_ outcome: DocumentRenderer.Outcome, of group: GroupDocument) {
    switch outcome {
    case .failed(let failure, let awaits, let topic):
      for item in group.items { refuse(item, failure, awaits, topic) }
    case .document(let document):
      if keepsDocuments { documents.append(document.outgoing.document) }
      let unit = WriteUnit(document)
      do {
        var write = try flow.write(of: [unit])
        write.lock = GroupLock.text(group.key, group.number)
        writes.append(write)
      } catch {
        refuse(unit, error)
      }
    }
  }

  /// Marks a record of which no request can be made.
  mutating func refuse(_ item: WriteItem, _ error: any Error) {
    refuse(item, Failure(rendering: error, at: now), [], nil)
  }

  /// Marks a record that cannot be rendered.
  ///
  /// - Parameters:
  ///   - awaits: what of the store's own wakes it, where it waits.
  ///   - topic: what else does.
  private mutating func refuse(_ item: WriteItem, _ failure: Failure, _ awaits: [Awaited], _ topic: String?) {
    refuse(
      UnsendableRecord(
        item: item, failure: failure, isWaiting: failure.kind == Failure.waitingKind, awaits: awaits, waitsFor: topic,
        valuesVersion: valuesVersion))
  }

  /// Marks a record that has no document.
  mutating func refuse(_ record: UnsendableRecord) {
    unsendable.append(record)
    if !record.isWaiting, !record.isFiltered { failed += 1 }
  }

  /// Makes writes of what has not filled its batch, or forgets it; gives how many records were forgotten.
  mutating func finish(forgettingOpenBatches: Bool) -> Int {
    if forgettingOpenBatches { return batches.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.items.count } } }
    for operation in order { flush(operation) }
    return 0
  }

  private mutating func flush(_ operation: WriteOperation) {
    guard let batch = batches[operation], !batch.isEmpty else { return }
    batches[operation] = []
    do {
      writes.append(try flow.write(of: batch, for: operation))
    } catch let error where batch.count == 1 {
      refuse(batch[0], error)
    } catch {
      // One record spoils the request: each by itself shows which.
      for unit in batch {
        do {
          writes.append(try flow.write(of: [unit], for: operation))
        } catch {
          refuse(unit, error)
        }
      }
    }
  }

  /// Marks the records of a document that cannot be sent.
  mutating func refuse(_ unit: WriteUnit, _ error: any Error) {
    for item in unit.items { refuse(item, error) }
  }
}

extension Flow {
  /// A write of these documents.
  ///
  /// - Throws: ``ConnectingError`` where they make no request.
  func write(
    of units: [WriteUnit], for operation: WriteOperation = .write, _ split: WritePayload.Split? = nil,
    rest: [WritePayload.Carried]? = nil
  ) throws -> NewWrite {
    guard let program = program(for: operation) else {
      throw RunError(.damagedPlan, "the plan has no such call any more")
    }
    var payload = WritePayload(request: try program.render(units.map { $0.outgoing(for: operation) }))
    payload.split = split
    payload.rest = rest
    fill(&payload, with: units, operation)
    if operation == .write, let lookup = delivery.lookup { payload.sought = try units.map { try sought($0, lookup) } }
    var write = NewWrite(items: items(of: units), payload: payload.bytes, sendsAgain: sendsAgain(operation))
    write.arrival = arrival(of: operation, units, rest)
    return write
  }

  /// What it means that a write arrived, where that is more than that the target has its records.
  private func arrival(
    of operation: WriteOperation, _ units: [WriteUnit], _ rest: [WritePayload.Carried]?
  ) -> WriteArrival? {
    let parts = units.compactMap(\.part)
    if !parts.isEmpty {
      return WriteArrival(steps: parts.map(WriteUnit.name), goesOn: rest?.isEmpty == false, effect: .unchanged)
    }
    let goesOn = delivery.next(after: operation) != nil
    return switch operation {
    case .write, .update: goesOn ? WriteArrival(goesOn: true) : nil
    case .followUp(let name): WriteArrival(steps: [name], goesOn: goesOn, effect: .unchanged)
    case .void: operation.name.map { WriteArrival(steps: [$0], effect: .takenBack) }
    case .writeBack: nil
    }
  }

  /// A write of as many documents of one record as go into a request; the others follow it.
  func write(ofDocuments units: [WriteUnit]) throws -> NewWrite {
    let size = max(plan.target.batch, 1)
    return try write(of: Array(units.prefix(size)), rest: units.dropFirst(size).map(\.carried))
  }

  /// What a document is looked up by: what it was before, else what the hub says; nothing for one the target has.
  private func sought(_ unit: WriteUnit, _ lookup: LookupProgram) throws -> String? {
    if let sought = unit.sought { return sought }
    return unit.outgoing.delivered == nil ? try lookup.key(of: unit.outgoing) : nil
  }

  /// The records of documents, each once.
  private func items(of units: [WriteUnit]) -> [WriteItem] {
    units.first?.part == nil ? units.flatMap(\.items) : units.first?.items ?? []
  }

  /// A write of a follow-up call; where its request cannot be made, one that says why when it is run: the write before it has
  /// been carried out and must be settled.
  func write(following units: [WriteUnit], with step: DeliveryProgram.FollowUp) -> NewWrite {
    do {
      return try write(of: units, for: .followUp(step.name))
    } catch {
      var payload = WritePayload(problem: "\(error)")
      fill(&payload, with: units, .followUp(step.name))
      return NewWrite(items: items(of: units), payload: payload.bytes, sendsAgain: true)
    }
  }

  private func fill(_ payload: inout WritePayload, with units: [WriteUnit], _ operation: WriteOperation) {
    payload.operation = operation
    if units.contains(where: { $0.items.count != 1 }) { payload.sizes = units.map(\.items.count) }
    // What is rendered from one record alone can be rendered from it again.
    if operation != .write || !delivery.followUps.isEmpty || plan.group != nil || fansOut || writeBack != nil {
      payload.carried = units.map(\.carried)
    }
  }
}
