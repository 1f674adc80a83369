import Expressions
import Keeping
import Plans
import Synchronization
import Values

/// What `find()` is told while some records are rendered.
///
/// An expression cannot wait for a store. So a question that has no answer yet is noted and fails; then all that were asked
/// for all the records are answered at once, and the records that asked are rendered again.
final class FoundRecords: Sendable {
  private struct State {
    var answers: [LookupQuestion: LookupAnswer] = [:]
    var open: Set<LookupQuestion> = []
    var isIncomplete = false
    var awaited: Set<Awaited> = []
  }

  private let lookups: Set<LookupPlan>
  private let state = Mutex(State())

  /// - Parameter lookups: what may be asked: what the plan has, and the store an index for.
  init(_ lookups: [LookupPlan]) { self.lookups = Set(lookups) }

  /// Runs an evaluation, and says whether it asked something that has no answer yet: its outcome is none then.
  func isIncomplete(_ evaluation: () -> Void) -> Bool {
    state.withLock { state in
      state.isIncomplete = false
      state.awaited = []
    }
    evaluation()
    return state.withLock { $0.isIncomplete }
  }

  /// What the last evaluation asked for and is not there.
  var awaited: [Awaited] { state.withLock { Array($0.awaited) } }

  /// Gets the answers to all that was asked.
  func answerAll(by finder: any RecordFinder) async throws {
    let questions = state.withLock { state in
      defer { state.open = [] }
      return Array(state.open)
    }
    for start in stride(from: 0, to: questions.count, by: FoundRecords.mostQuestions) {
      let some = questions[start..<min(start + FoundRecords.mostQuestions, questions.count)]
      let answers = try await finder.find(Array(some))
      state.withLock { state in
        for (question, answer) in zip(some, answers) { state.answers[question] = answer }
      }
    }
  }

  /// How many questions go into one call: a store elsewhere takes no message of any size.
  private static let mostQuestions = 1_000

  /// Answers `find()` and `findDelivered()`; nil for the fallback.
  func look(
    _ hub: String, _ values: [(field: String, value: Value)], _ wantsDelivered: Bool, _ hasFallback: Bool
  ) throws(EvaluationError) -> Value? {
    let function = wantsDelivered ? "findDelivered" : "find"
    let question = try question(hub, values, function)
    let answer = state.withLock { state -> LookupAnswer? in
      if let answer = state.answers[question] { return answer }
      state.open.insert(question)
      state.isIncomplete = true
      return nil
    }
    switch answer {
    case nil: throw EvaluationError(.waiting(hub), "nothing is known yet of \(FoundRecords.words(question))")
    case .some(.none):
      if hasFallback { return nil }
      state.withLock { _ = $0.awaited.insert(.record(question)) }
      throw EvaluationError(
        .waiting("\(hub): \(FoundRecords.words(question))"),
        "hub '\(hub)' keeps no record with \(FoundRecords.words(question))")
    case .one(let record):
      guard wantsDelivered else { return record.content }
      if let delivered = record.delivered { return FoundRecords.value(of: delivered, record.state) }
      if hasFallback { return nil }
      state.withLock { _ = $0.awaited.insert(.delivery(hub: hub, key: record.key)) }
      throw EvaluationError(
        .waiting("\(hub): \(record.key.prefix(100))"),
        "the record '\(record.key.prefix(100))' of hub '\(hub)' has not been delivered yet: it is \(record.state.name)")
    case .several(let count, let keys):
      let named = keys.map { "'\($0.prefix(100))'" }.joined(separator: ", ") + (count > keys.count ? ", ..." : "")
      throw EvaluationError(
        .missingValue, "hub '\(hub)' keeps \(count) records with \(FoundRecords.words(question)): \(named)",
        help: "name further fields in \(function)(), so that one is left")
    }
  }

  private func question(
    _ hub: String, _ values: [(field: String, value: Value)], _ function: String
  ) throws(EvaluationError) -> LookupQuestion {
    let lookup = LookupPlan(hub: hub, fields: values.map(\.field))
    guard lookups.contains(lookup) else {
      throw EvaluationError(
        .missingValue, "the plan has no lookup of hub '\(hub)' by \(lookup.fields.joined(separator: ", "))",
        help: "write the hub's name and the fields' names as texts into \(function)() itself")
    }
    var texts: [String] = []
    for field in lookup.fields {
      guard let value = values.first(where: { $0.field == field })?.value, let text = lookupText(of: value) else {
        let type = values.first { $0.field == field }?.value.typeName ?? "null"
        throw EvaluationError(
          .noSuchOverload, "'\(field)' is compared with a text, a number or true or false, not with a \(type)")
      }
      texts.append(text)
    }
    return LookupQuestion(lookup, texts)
  }

  /// `code 'C1', shop '7'`.
  private static func words(_ question: LookupQuestion) -> String {
    zip(question.lookup.fields, question.texts).map { field, text in "\(field) '\(text.prefix(100))'" }
      .joined(separator: ", ")
  }

  private static func value(of delivered: Delivered, _ state: RecordState) -> Value {
    [
      "id": delivered.id.map { .string($0) } ?? .null, "revision": .int(delivered.revision),
      "state": .string(state.name),
    ]
  }
}
