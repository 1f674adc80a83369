public import Values

/// What hubs ask of a store whose request is repeated for each of some parents: each has a watermark of its own.
///
/// A pull of such a hub begins with a query that lists the parents (``SettledPage/parents``); each parent that is listed has a query
/// (``SettledPage/further``, ``NewQuery/parent``) behind all that the queue has, and what it brings moves that parent's watermark (``SettledPage/progress``).
/// A parent's query that ends without success is noted with the parent, and the pull goes on without it; once all queries
/// have ended the pull is `failed` where that happened, and the hub's own watermark stays.
public protocol ParentStore: Sendable {
  /// The parents of a hub that a filter wants, by their keys.
  func parents(_ filter: ParentFilter) async throws -> [ParentState]
}

/// Which parents of a hub are meant.
public struct ParentFilter: Sendable {
  /// The hub.
  public var hub: String
  /// Only these; all where empty.
  public var keys: [String]
  /// Only those whose latest query did not succeed.
  public var onlyFailing: Bool
  /// At most so many.
  public var limit: Int

  /// A filter of its parts.
  public init(hub: String, keys: [String] = [], onlyFailing: Bool = false, limit: Int) {
    self.hub = hub
    self.keys = keys
    self.onlyFailing = onlyFailing
    self.limit = limit
  }
}

/// How a parent stands.
public struct ParentState: Sendable, Equatable, Codable {
  /// What identifies it in its hub.
  public var key: String
  /// Up to where it has been read, as RFC 3339; nil where it never was.
  public var readUntil: String?
  /// Whether it was in the latest list of parents that was read to its end.
  public var isListed: Bool
  /// Why its latest query did not succeed; nil where it did.
  public var failure: Failure?

  /// A state of its parts.
  public init(key: String, readUntil: String?, isListed: Bool, failure: Failure?) {
    self.key = key
    self.readUntil = readUntil
    self.isListed = isListed
    self.failure = failure
  }
}

/// How many parents a hub has.
public struct ParentCounts: Sendable, Equatable, Codable {
  /// Those of the latest list that was read to its end.
  public var listed: Int
  /// Those that were in a list before, and are not asked any more.
  public var gone: Int
  /// Those of the list whose latest query did not succeed.
  public var failing: Int

  /// Counts of their parts.
  public init(listed: Int, gone: Int, failing: Int) {
    self.listed = listed
    self.gone = gone
    self.failing = failing
  }
}

/// A parent of a list.
public struct ListedParent: Sendable, Equatable {
  /// What identifies it.
  public var key: String
  /// What tells what is asked for it from what is asked for another one; nil where it cannot be asked for.
  public var asked: String?
  /// Why it cannot be asked for.
  public var failure: Failure?

  /// A parent of its parts.
  public init(_ key: String, asked: String? = nil, failure: Failure? = nil) {
    self.key = key
    self.asked = asked
    self.failure = failure
  }

  /// What is kept as ``asked`` of parents that have their key together: nothing that is read for one of them tells how far
  /// the others are read.
  public static let ambiguous = ""
}

/// What a page of a list of parents brought.
public struct ListedParents: Sendable {
  /// The parents, as they came.
  public var parents: [ListedParent]
  /// Whether it is the last page of the list.
  public var isLast: Bool

  /// A page of its parts.
  public init(_ parents: [ListedParent], isLast: Bool) {
    self.parents = parents
    self.isLast = isLast
  }

  /// Each parent once: one that comes again is asked for once where the same is asked for it; else none of those that
  /// have the key is, and each further one says so.
  ///
  /// - Parameters:
  ///   - earlier: what is asked for those of them that an earlier page of the list had.
  ///   - queries: the queries of the page.
  /// - Returns: what there is to be kept, and the queries that join the pull.
  public func settled(
    after earlier: [String: String?], _ queries: [NewQuery], now: Timestamp
  ) -> (parents: [ListedParent], queries: [NewQuery]) {
    var places: [String: Int] = [:]
    var kept: [ListedParent] = []
    for parent in parents {
      let place = places[parent.key]
      guard let before = place.map({ kept[$0].asked }) ?? earlier[parent.key] else {
        places[parent.key] = kept.count
        kept.append(parent)
        continue
      }
      if before == parent.asked { continue }
      let failure = Failure(
        kind: "record",
        message: "source.parents: two parents have the key '\(parent.key)': give each its own with 'key'", at: now)
      let both = ListedParent(parent.key, asked: ListedParent.ambiguous, failure: failure)
      if let place {
        kept[place] = both
      } else {
        places[parent.key] = kept.count
        kept.append(both)
      }
    }
    var joined: Set<String> = []
    let joining = queries.filter { query in
      guard let key = query.parent else { return true }
      if earlier[key] != nil { return false }
      if let place = places[key], kept[place].asked == ListedParent.ambiguous { return false }
      return joined.insert(key).inserted
    }
    return (kept, joining)
  }
}

/// How far a parent has been read with a page.
public struct ParentProgress: Sendable, Equatable {
  /// The parent.
  public var key: String
  /// Up to where all is read.
  public var readUntil: Timestamp
  /// Whether that is all that was asked for: what went wrong before is over.
  public var isWhole: Bool

  /// Progress of its parts.
  public init(key: String, readUntil: Timestamp, isWhole: Bool) {
    self.key = key
    self.readUntil = readUntil
    self.isWhole = isWhole
  }
}
