import Connecting
import Keeping
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

  init(_ flow: Flow, now: Timestamp) {
    self.flow = flow
    self.now = now
  }

  /// Takes a document; where it fills a batch, that becomes a write.
  mutating func add(_ unit: WriteUnit, to operation: WriteOperation = .write) {
    var unit = unit
    if operation == .write, let lookup = flow.delivery.lookup, unit.outgoing.delivered == nil {
      do {
        unit.sought = try lookup.key(of: unit.outgoing)
      } catch {
        return refuse(unit, error)
      }
    }
    if batches[operation] == nil { order.append(operation) }
    batches[operation, default: []].append(unit)
    if batches[operation, default: []].count >= flow.batch(of: operation) { flush(operation) }
  }

  /// Marks a record that has no document.
  mutating func refuse(_ record: UnsendableRecord) { unsendable.append(record) }

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

  private mutating func refuse(_ unit: WriteUnit, _ error: any Error) {
    let failure = Failure(kind: "mapping", message: "\(error)", at: now)
    for item in unit.items { unsendable.append(UnsendableRecord(item: item, failure: failure)) }
  }
}

extension Flow {
  /// A write of these documents.
  ///
  /// - Throws: ``ConnectingError`` where they make no request.
  func write(
    of units: [WriteUnit], for operation: WriteOperation = .write, _ split: WritePayload.Split? = nil
  ) throws -> NewWrite {
    guard let program = program(for: operation) else {
      throw RunError(.damagedPlan, "the plan has no such call any more")
    }
    var payload = WritePayload(request: try program.render(units.map { $0.outgoing(for: operation) }))
    payload.split = split
    fill(&payload, with: units, operation)
    return NewWrite(items: units.flatMap(\.items), payload: payload.bytes, sendsAgain: sendsAgain(operation))
  }

  /// A write of a follow-up call; where its request cannot be made, one that says why when it is run: the write before it has
  /// been carried out and must be settled.
  func write(following units: [WriteUnit], with step: DeliveryProgram.FollowUp) -> NewWrite {
    do {
      return try write(of: units, for: .followUp(step.name))
    } catch {
      var payload = WritePayload(problem: "\(error)")
      fill(&payload, with: units, .followUp(step.name))
      return NewWrite(items: units.flatMap(\.items), payload: payload.bytes, sendsAgain: true)
    }
  }

  private func fill(_ payload: inout WritePayload, with units: [WriteUnit], _ operation: WriteOperation) {
    payload.operation = operation
    if units.contains(where: { $0.items.count != 1 }) { payload.sizes = units.map(\.items.count) }
    if operation == .write, delivery.lookup != nil { payload.sought = units.map(\.sought) }
    if operation != .write || !delivery.followUps.isEmpty {
      payload.carried = units.map { unit in
        WritePayload.Carried(
          document: unit.outgoing.document, idempotencyKey: unit.outgoing.idempotencyKey,
          delivered: unit.outgoing.delivered)
      }
    }
  }
}
