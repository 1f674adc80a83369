public import Keeping
import Plans
import Values

/// Answers what `find()` asks.
public protocol RecordFinder: Sendable {
  /// The answers, in the order of the questions.
  func find(_ questions: [LookupQuestion]) async throws -> [LookupAnswer]
}

/// Asks the store, which is told of a lookup it does not keep yet.
struct StoreFinder: RecordFinder {
  let store: any Store
  /// What the hub may ask.
  let lookups: [LookupPlan]

  func find(_ questions: [LookupQuestion]) async throws -> [LookupAnswer] {
    do {
      return try await store.find(questions)
    } catch let error as StoreError where error.code == .lookupNotKept {
      // A plan is made known with its lookups; where that process was ended before it came to them, it is done here.
      try await store.keepLookups(lookups, onlyThese: false)
      return try await store.find(questions)
    }
  }
}

/// Records that are given, as in a hub test, instead of kept.
public struct GivenRecords: RecordFinder {
  private let records: [String: [FoundRecord]]

  /// Records by the names of their hubs.
  public init(_ records: [String: [FoundRecord]]) { self.records = records }

  /// The answers of a store that keeps these records and no others.
  public func find(_ questions: [LookupQuestion]) -> [LookupAnswer] {
    questions.map { question in
      let found = records[question.lookup.hub, default: []].filter {
        question.lookup.key(of: $0.content) == question.key
      }
      guard let first = found.first else { return .none }
      return found.count == 1
        ? .one(first) : .several(count: found.count, keys: found.prefix(LookupAnswer.namedKeys).map(\.key))
    }
  }
}
