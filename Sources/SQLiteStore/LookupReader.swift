import Keeping
import Plans
import SQLiteKit
import Values

/// Reads the records of questions, with one parser for all: they look alike.
final class LookupReader {
  private let connection: Connection
  private var parser = JSONParser()

  init(_ connection: Connection) { self.connection = connection }

  func answer(_ question: LookupQuestion, lookup: Int64, _ hub: HubTables) throws -> LookupAnswer {
    let find = try connection.prepare(hub.found)
    find.bind(1, lookup)
    find.bind(2, question.key)
    defer { find.reset() }
    var first: FoundRecord?
    var keys: [String] = []
    while keys.count < LookupAnswer.namedKeys, try find.step() {
      let content: Value
      do throws(JSONError) {
        content = try parser.parse(find.bytes(4))
      } catch {
        continue
      }
      // An entry may outlive its record, whose number is then another's.
      guard question.lookup.key(of: content) == question.key else { continue }
      guard let state = RecordState(rawValue: find.int(1)) else {
        throw StoreError.damaged("a record is in state \(find.int(1))")
      }
      keys.append(find.text(0))
      if first == nil {
        first = FoundRecord(
          key: find.text(0), state: state, content: content,
          delivered: find.optionalInt64(2).map { Delivered(revision: $0, id: find.optionalText(3)) })
      }
    }
    guard let first else { return .none }
    return keys.count == 1 ? .one(first) : .several(count: try count(question, lookup), keys: keys)
  }

  private func count(_ question: LookupQuestion, _ lookup: Int64) throws -> Int {
    let count = try connection.prepare("SELECT count(*) FROM lookup_entries WHERE lookup = ?1 AND key = ?2")
    count.bind(1, lookup)
    count.bind(2, question.key)
    defer { count.reset() }
    return try count.step() ? count.int(0) : 0
  }
}
