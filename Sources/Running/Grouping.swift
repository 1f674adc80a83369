import Digests
import Expressions
import Plans
import Templates
import Values

/// How a hub gathers records into documents, lowered.
struct Grouping: Sendable {
  private let by: Expression
  private let lines: Expression?
  private let maximumLines: Int
  /// How long a document is kept open for further records.
  let wait: TimeSpan?

  init(_ plan: GroupPlan) throws {
    let scope = ExpressionScope.record.environment
    by = try Expression(single: plan.by, environment: scope, path: "group.by")
    lines = try plan.lines.map { try Expression(single: $0, environment: scope, path: "group.lines") }
    maximumLines = plan.maximumLines ?? .max
    wait = plan.waitMilliseconds.map(TimeSpan.init(milliseconds:))
  }

  /// What the record has in common with others.
  func key(of record: Value) throws -> String {
    let value = try evaluate(by, record)
    guard let text = value.interpolatedText, !text.isEmpty else {
      let what = value.interpolatedText == nil ? "a \(value.typeName)" : "an empty text"
      throw RunError(.damagedPlan, "group.by: ${ \(by.source) } is \(what); records are grouped by a text")
    }
    return text
  }

  /// How many lines of a document the record makes.
  func lines(of record: Value) throws -> Int {
    guard let lines else { return 1 }
    let value = try evaluate(lines, record)
    guard let count = value.intValue, count >= 0 else {
      throw RunError(.damagedPlan, "group.lines: ${ \(lines.source) } is \(value.json()), not a number of lines")
    }
    return Int(clamping: count)
  }

  /// Divides the records of a group, in their order, so that no document has too many lines; a record that has too many by
  /// itself stands alone.
  func documents<Member>(of members: [(member: Member, lines: Int)]) -> [[Member]] {
    var documents: [[Member]] = []
    var current: [Member] = []
    var count = 0
    for (member, lines) in members {
      if !current.isEmpty, count > maximumLines - min(lines, maximumLines) {
        documents.append(current)
        current = []
        count = 0
      }
      current.append(member)
      count += min(lines, maximumLines)
    }
    if !current.isEmpty { documents.append(current) }
    return documents
  }

  /// Until when the last document of a group is kept open for further records; nil where it goes out with what it has.
  ///
  /// - Parameters:
  ///   - lines: how many it has.
  ///   - first: when its first record was seen first.
  func opening(lines: Int, since first: Timestamp) -> Timestamp? {
    guard let wait, lines < maximumLines else { return nil }
    return first + wait
  }

  private func evaluate(_ expression: Expression, _ record: Value) throws -> Value {
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set("record", record)
    do throws(EvaluationError) {
      return try expression.evaluate(activation)
    } catch {
      throw RunError(.damagedPlan, "group: \(error.message) in ${ \(expression.source) }")
    }
  }
}
