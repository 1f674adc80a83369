import Expressions
public import Plans
import Templates
public import Values

/// What looking a record up at the target came to.
public enum LookupFinding: Sendable, Hashable {
  /// The target does not have it, or does not find it yet.
  case missing
  /// The target has it, under this name where it gave one.
  case one(id: String?)
  /// The target has several of them.
  case several(ids: [String])
}

/// How a hub looks its records up at the target, lowered.
public struct LookupProgram: Sendable {
  /// More pages than this for one lookup are an API that does not look for what it is told.
  static let maximumPages = 20

  /// How many are looked up with one request.
  public let maximum: Int
  private let by: Expression
  private let id: Expression?
  private let query: QueryProgram
  private let parameters: Template
  private let ofWrite: Value

  /// Lowers a lookup.
  ///
  /// - Parameter ofWrite: what the hub gives its write, `with`.
  public init(_ plan: TargetLookupPlan, connector: ConnectorClient, with ofWrite: Value) throws(ConnectingError) {
    do throws(ConnectingError) {
      by = try Expression(plan.by, in: .item, at: "by")
      id = try .optional(plan.id, in: .record, at: "id")
      parameters = try Template(plan.with, in: .lookup, at: "with")
      query = try QueryProgram(api: plan.api, connector: connector, with: plan.with)
    } catch {
      throw error.at("lookup")
    }
    maximum = plan.maximum
    self.ofWrite = ofWrite
  }

  /// What a record is looked up by.
  public func key(of item: OutgoingItem) throws(ConnectingError) -> String {
    var activation = Activation(environment: ExpressionScope.item.environment)
    activation.set("document", item.document)
    activation.set("idempotencyKey", .string(item.idempotencyKey))
    activation.set("delivered", WriteProgram.value(of: item.delivered))
    activation.set("with", ofWrite)
    let value: Value
    do throws(EvaluationError) {
      value = try by.evaluate(activation)
    } catch {
      throw ConnectingError(.badRequest, "lookup.by: \(by.explain(error))")
    }
    guard let text = value.interpolatedText, !text.isEmpty else {
      throw ConnectingError(
        .badRequest,
        "lookup.by: ${ \(by.source) } is \(value.interpolatedText == nil ? "a \(value.typeName)" : "an empty text"); "
          + "a record needs something it is looked up by")
    }
    return text
  }

  /// Looks for these, with as many requests as it takes; gives what was found of each.
  public func look(for keys: [String]) async throws(CallFailure) -> [String: LookupFinding] {
    var findings: [String: LookupFinding] = [:]
    let open = Array(Set(keys)).sorted()
    for start in stride(from: 0, to: open.count, by: maximum) {
      let chunk = Array(open[start..<min(start + maximum, open.count)])
      let found = try await records(of: chunk)
      for key in chunk { findings[key] = finding(found[key] ?? []) }
    }
    return findings
  }

  /// The records that were found, by what they were looked up by; others that the answer has are passed over.
  private func records(of keys: [String]) async throws(CallFailure) -> [String: [Value]] {
    var found: [String: [Value]] = [:]
    let wanted = Set(keys)
    var page: PagePosition? = query.firstPage
    var pages = 0
    while let current = page {
      guard pages < LookupProgram.maximumPages else {
        throw CallFailure(
          kind: .rejected,
          message:
            "looking up gave more than \(LookupProgram.maximumPages) pages; the query does not look for what it is told"
        )
      }
      pages += 1
      let answer = try await ask(keys, current)
      let read: QueryPage
      do throws(ConnectingError) {
        read = try query.read(answer, page: current)
      } catch {
        throw unreadable(error, answer)
      }
      let records = try await whole(read.records)
      do throws(ConnectingError) {
        for record in records {
          let key = try query.key(of: record)
          if wanted.contains(key) { found[key, default: []].append(record) }
        }
        page = read.next
      } catch {
        throw unreadable(error, answer)
      }
    }
    return found
  }

  private func unreadable(_ error: ConnectingError, _ answer: Answer) -> CallFailure {
    CallFailure(kind: .rejected, message: "what looking up gave cannot be read: \(error)", status: answer.status)
  }

  /// The records of a page, each asked for by itself where the query does so.
  private func whole(_ records: [Value]) async throws(CallFailure) -> [Value] {
    guard let detail = query.detail else { return records }
    var whole: [Value] = []
    for outcome in try await detail.complete(records) {
      switch outcome {
      case .whole(let record): whole.append(record)
      case .refused(_, let failure): throw failure
      }
    }
    return whole
  }

  private func ask(_ keys: [String], _ page: PagePosition) async throws(CallFailure) -> Answer {
    let request: RenderedRequest
    do {
      var activation = parameters.makeActivation()
      activation.set("key", keys.first.map { .string($0) } ?? .null)
      activation.set("keys", .list(keys.map { .string($0) }))
      activation.set("with", ofWrite)
      request = try query.render(lookingUp: keys, with: try parameters.evaluate(&activation), page: page)
    } catch {
      throw CallFailure(kind: .rejected, message: "the lookup cannot be asked: \(error)")
    }
    switch await query.send(request) {
    case .answered(let answer): return answer
    case .failed(let failure): throw failure
    }
  }

  /// A record found on two pages is one.
  private func finding(_ records: [Value]) -> LookupFinding {
    var ids: [String] = []
    var nameless = 0
    for record in records {
      guard let name = name(of: record) else {
        nameless += 1
        continue
      }
      if !ids.contains(name) { ids.append(name) }
    }
    switch (ids.count, nameless) {
    case (0, 0): return .missing
    case (1, 0): return .one(id: ids[0])
    case (0, 1): return .one(id: nil)
    default: return .several(ids: ids)
    }
  }

  private func name(of record: Value) -> String? {
    guard let id else { return nil }
    var activation = Activation(environment: ExpressionScope.record.environment)
    activation.set(slot: 0, record)
    // A found record without a name is found all the same.
    guard let text = (try? id.evaluate(activation))?.interpolatedText, !text.isEmpty else { return nil }
    return text
  }
}
