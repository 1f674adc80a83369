import Expressions
import Plans
import Templates
import Values

/// Tells from an answer what became of each record.
struct VerdictReader: Sendable {
  private let results: Expression?
  private let index: Expression?
  private let success: Expression?
  private let id: Expression?
  private let message: Expression?
  private let exists: Expression?

  init(_ plan: WritingPlan) throws(ConnectingError) {
    results = try .optional(plan.results, in: .response, at: "batch.results")
    let scope: ExpressionScope = results == nil ? .response : .result
    index = try .optional(results == nil ? nil : plan.index, in: .result, at: "batch.index")
    success = try .optional(results == nil ? nil : plan.success, in: .result, at: "batch.success")
    id = try .optional(plan.id, in: scope, at: results == nil ? "result.id" : "batch.id")
    message = try .optional(results == nil ? nil : plan.message, in: .result, at: "batch.message")
    exists = try .optional(results == nil ? nil : plan.exists, in: .result, at: "batch.exists")
    guard results == nil || success != nil else {
      throw ConnectingError(.badTemplate, "batch.success: it must say which records were taken")
    }
  }

  /// The expressions over the answer as a whole.
  var readsOfAnswer: [Expression] { [results, results == nil ? id : nil].compactMap { $0 } }

  /// What became of each of `count` records.
  func read(_ answer: Answer, count: Int, _ mask: (String) -> String) throws(ConnectingError) -> [ItemVerdict] {
    var activation = Activation(environment: ExpressionScope.response.environment)
    activation.set(slot: 0, answer.response)
    guard let results else {
      // The answer said that all were taken; a name that cannot be read changes nothing about it.
      let name = text(of: id, activation)
      return Array(repeating: .taken(id: count == 1 ? name : nil), count: count)
    }
    let found: Value
    do throws(EvaluationError) {
      found = try results.evaluate(activation)
    } catch {
      throw ConnectingError(.badAnswer, "batch.results: \(results.explain(error))")
    }
    guard case .list(let items) = found else {
      throw ConnectingError(.badAnswer, "batch.results: ${ \(results.source) } is a \(found.typeName), not a list")
    }
    var verdicts: [ItemVerdict?] = Array(repeating: nil, count: count)
    for (place, item) in items.enumerated() {
      var activation = Activation(environment: ExpressionScope.result.environment)
      activation.set("result", item)
      activation.set("index", .int(Int64(place)))
      let target = try self.place(of: activation, default: place, count)
      let verdict = verdict(activation, mask)
      verdicts[target] = verdicts[target].map { VerdictReader.both($0, verdict) } ?? verdict
    }
    return verdicts.map { $0 ?? .unanswered(message: "the answer has no result for this record") }
  }

  private func place(
    of activation: borrowing Activation, default place: Int, _ count: Int
  ) throws(ConnectingError) -> Int {
    var target = Int64(place)
    if let index {
      let value: Value
      do throws(EvaluationError) {
        value = try index.evaluate(activation)
      } catch {
        throw ConnectingError(.badAnswer, "batch.index of result \(place): \(index.explain(error))")
      }
      // Some platforms write their numbers as texts.
      guard let number = value.intValue ?? value.stringValue.flatMap({ Int64($0) }) else {
        throw ConnectingError(
          .badAnswer, "batch.index of result \(place): a \(value.typeName) is not a place in a list")
      }
      target = number
    }
    guard (0..<Int64(count)).contains(target) else {
      throw ConnectingError(
        .badAnswer, "result \(place) is about record \(target); records 0 to \(count - 1) were sent")
    }
    return Int(target)
  }

  private func verdict(_ activation: borrowing Activation, _ mask: (String) -> String) -> ItemVerdict {
    do throws(EvaluationError) {
      if try success?.test(activation) ?? false { return .taken(id: text(of: id, activation)) }
    } catch {
      return .unanswered(message: mask("batch.success: \(success?.explain(error) ?? error.message)"))
    }
    let words = text(of: message, activation).map(mask) ?? "the platform did not take the record and does not say why"
    do throws(EvaluationError) {
      if try exists?.test(activation) ?? false { return .exists(id: text(of: id, activation), message: words) }
    } catch {
      return .unanswered(message: mask("batch.exists: \(exists?.explain(error) ?? error.message); \(words)"))
    }
    return .refused(message: words)
  }

  /// The text of an expression that may be missing, in an answer that may lack it.
  private func text(of expression: Expression?, _ activation: borrowing Activation) -> String? {
    guard let expression, let value = try? expression.evaluate(activation), !value.isNull else { return nil }
    let text = value.interpolatedText ?? value.json()
    return text.isEmpty ? nil : text
  }

  /// What two results about one record say together.
  private static func both(_ first: ItemVerdict, _ second: ItemVerdict) -> ItemVerdict {
    switch (first, second) {
    case (.taken, .taken), (.exists, .exists), (.exists, .refused): first
    case (.refused(let one), .refused(let other)): one == other ? first : .refused(message: "\(one); \(other)")
    case (.refused, .exists): second
    default: .unanswered(message: "the answer has results for this record that contradict each other")
    }
  }
}
