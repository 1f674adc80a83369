import Keeping
import MongoKit
import Values

/// What was done for a record beside its write, as it stands in the record itself: it goes when the record goes.
struct KeptStep {
  let step: DoneStep
  let task: Int64
  let at: Timestamp

  /// What a person sees of it.
  var view: StepView {
    StepView(name: step.name, revision: step.item.revision, id: step.id, task: task, at: at.description)
  }

  private var value: Value {
    var fields: [(String, Value)] = [
      ("name", .string(step.name)), ("revision", .int(step.item.revision)), ("task", .int(task)),
      ("at", .timestamp(at)),
    ]
    if let id = step.id { fields.append(("id", .string(id))) }
    return .map(ValueMap(fields))
  }

  /// The steps of a record's row, in the order they were done.
  static func list(of row: BSONDocument) throws -> [KeptStep] {
    guard row.has("steps") else { return [] }
    guard let record = row.int64("_id") else { throw StoreError.damaged("a record without number") }
    return try row.documents("steps").map { step in
      guard let name = step.text("name"), let revision = step.int64("revision"), let task = step.int64("task"),
        let at = step.time("at")
      else { throw StoreError.damaged("a step of record \(record) without name, revision, task or time") }
      let item = WriteItem(record: record, revision: revision)
      return KeptStep(step: DoneStep(item: item, name: name, id: step.text("id")), task: task, at: at)
    }
  }

  /// The steps of a record's row and those that were done now; each name is there once.
  static func list(
    of row: BSONDocument, adding steps: [DoneStep], by task: Int64, _ now: Timestamp
  ) throws -> [KeptStep] {
    var list = try list(of: row)
    for step in steps {
      list.removeAll { $0.step.name == step.name }
      list.append(KeptStep(step: step, task: task, at: now))
    }
    return list
  }

  static func value(of steps: [KeptStep]) -> Value { .list(steps.map(\.value)) }

  /// The step, done for another revision where it was done for this one.
  func carried(from old: Int64, to new: Int64) -> KeptStep {
    guard step.item.revision == old else { return self }
    let item = WriteItem(record: step.item.record, revision: new)
    return KeptStep(step: DoneStep(item: item, name: step.name, id: step.id), task: task, at: at)
  }
}
