import CLibMongoC
public import Values

/// A collection of a database, as one connection sees it.
public struct MongoCollection {
  let connection: MongoConnection
  /// The database's name.
  public let database: String
  /// The collection's name.
  public let name: String

  // MARK: - Reading

  /// The documents that fit a filter.
  ///
  /// - Parameters:
  ///   - fields: which fields to give, `["name": 1]`, or to leave out, `["payload": 0]`.
  ///   - sort: the order, `["position": 1]`.
  ///   - limit: the most to give; 0 for all.
  public func find(
    _ filter: Value, fields: Value? = nil, sort: Value? = nil, limit: Int = 0
  ) throws(MongoError) -> [BSONDocument] {
    var options: [(String, Value)] = []
    if let fields { options.append(("projection", fields)) }
    if let sort { options.append(("sort", sort)) }
    if limit > 0 { options.append(("limit", .int(Int64(limit)))) }
    let filter = try pointer(filter)
    let settings = try self.options(options)
    return try withHandle { handle throws(MongoError) in
      try all(of: mongoc_collection_find_with_opts(handle, filter.pointer, settings.pointer, nil))
    }
  }

  /// The first document that fits a filter.
  public func findOne(_ filter: Value, fields: Value? = nil, sort: Value? = nil) throws(MongoError) -> BSONDocument? {
    try find(filter, fields: fields, sort: sort, limit: 1).first
  }

  /// What a pipeline of stages gives.
  public func aggregate(_ stages: [Value]) throws(MongoError) -> [BSONDocument] {
    let pipeline = try pointer(["pipeline": .list(stages)])
    let settings = try self.options([])
    return try withHandle { handle throws(MongoError) in
      try all(of: mongoc_collection_aggregate(handle, MONGOC_QUERY_NONE, pipeline.pointer, settings.pointer, nil))
    }
  }

  /// How many documents fit a filter.
  public func count(_ filter: Value) throws(MongoError) -> Int {
    try aggregate([["$match": filter], ["$group": ["_id": nil, "count": ["$sum": 1]]]]).first?.int("count") ?? 0
  }

  /// About how many documents there are, from what the server keeps beside them.
  public func estimatedCount() throws(MongoError) -> Int {
    try connection.read(["count": .string(name)], on: database).int("n") ?? 0
  }

  private func all(of cursor: OpaquePointer?) throws(MongoError) -> [BSONDocument] {
    guard let cursor else { throw MongoError(.form, "no cursor") }
    defer { mongoc_cursor_destroy(cursor) }
    var documents: [BSONDocument] = []
    var next: OpaquePointer?
    while mongoc_cursor_next(cursor, &next) {
      guard let next else { break }
      documents.append(try BSONPointer.copy(next))
    }
    var error = bson_error_t()
    var reply: OpaquePointer?
    if mongoc_cursor_error_document(cursor, &error, &reply) {
      // An answer that is no document has no labels to be read.
      throw MongoError(error, try reply.map { pointer throws(MongoError) in try BSONPointer.copy(pointer) })
    }
    return documents
  }

  // MARK: - Writing

  /// Puts documents in, in order.
  public func insert(_ documents: [Value]) throws(MongoError) {
    _ = try inBatches(documents, command: "insert", list: "documents")
  }

  /// Changes documents, one change after the other; gives how many documents were changed or put in.
  @discardableResult
  public func update(_ changes: [MongoChange]) throws(MongoError) -> Int {
    try inBatches(changes.map(\.value), command: "update", list: "updates")
  }

  /// Changes the one document that fits a filter; false where none did.
  @discardableResult
  public func updateOne(_ filter: Value, _ update: Value, upsert: Bool = false) throws(MongoError) -> Bool {
    try self.update([MongoChange(filter, update, upsert: upsert)]) > 0
  }

  /// Changes all documents that fit a filter; gives how many did.
  @discardableResult
  public func updateMany(_ filter: Value, _ update: Value) throws(MongoError) -> Int {
    try self.update([MongoChange(filter, update, many: true)])
  }

  /// Takes out what fits a filter; gives how many documents did.
  @discardableResult
  public func delete(_ filter: Value) throws(MongoError) -> Int {
    try inBatches([["q": filter, "limit": 0]], command: "delete", list: "deletes")
  }

  /// Changes the first document that fits a filter and gives it as it is then; nil where none fits.
  public func findAndUpdate(_ filter: Value, _ update: Value, upsert: Bool = false) throws(MongoError) -> BSONDocument?
  {
    let reply = try connection.write(
      [
        "findAndModify": .string(name), "query": filter, "update": update, "new": true, "upsert": .bool(upsert),
      ], on: database)
    return try MongoConnection.form { () throws(BSONError) in try reply.document("value") }
  }

  /// Makes the collection; one that is there is an error with code 48.
  public func create() throws(MongoError) {
    _ = try connection.write(["create": .string(name)], on: database)
  }

  /// Makes indexes where there are none of their names and keys.
  public func createIndexes(_ indexes: [Value]) throws(MongoError) {
    _ = try connection.write(["createIndexes": .string(name), "indexes": .list(indexes)], on: database)
  }

  /// Takes an index out.
  public func dropIndex(_ index: String) throws(MongoError) {
    _ = try connection.write(["dropIndexes": .string(name), "index": .string(index)], on: database)
  }

  /// The indexes there are, as the server describes them; none where there is no collection.
  public func indexes() throws(MongoError) -> [BSONDocument] {
    let reply: BSONDocument
    do throws(MongoError) {
      reply = try connection.read(["listIndexes": .string(name), "cursor": ["batchSize": 1000]], on: database)
    } catch {
      guard error.code == 26 else { throw error }
      return []
    }
    return try MongoConnection.form { () throws(BSONError) in
      try reply.document("cursor")?.documents("firstBatch") ?? []
    }
  }

  /// Sends commands of at most 1,000 documents and 12 MB each; gives the sum of what they changed.
  private func inBatches(_ items: [Value], command: String, list: String) throws(MongoError) -> Int {
    let documents = try items.map { item throws(MongoError) in
      try MongoConnection.form { () throws(BSONError) in try BSONWriter.document(item) }
    }
    let head = ValueMap([(command, Value.string(name)), ("ordered", true)])
    var changed = 0
    var start = 0
    while start < documents.count {
      var end = start
      var size = 0
      while end < documents.count, end - start < 1000, end == start || size + documents[end].count <= 12 << 20 {
        size += documents[end].count
        end += 1
      }
      let bytes = try MongoConnection.form { () throws(BSONError) in
        try BSONWriter.document(head, list: list, of: documents[start..<end])
      }
      let reply = try connection.write(bytes, on: database)
      changed += reply.int("n") ?? 0
      start = end
    }
    return changed
  }

  // MARK: - Pointers

  private func withHandle<Result>(
    _ body: (OpaquePointer) throws(MongoError) -> Result
  ) throws(MongoError) -> Result {
    guard let handle = mongoc_client_get_collection(connection.client, database, name) else {
      throw MongoError(.form, "no collection can be called '\(name)'")
    }
    defer { mongoc_collection_destroy(handle) }
    return try body(handle)
  }

  private func pointer(_ value: Value) throws(MongoError) -> BSONPointer {
    try BSONPointer(MongoConnection.form { () throws(BSONError) in try BSONWriter.document(value) })
  }

  private func options(_ entries: [(String, Value)]) throws(MongoError) -> BSONPointer {
    try connection.options(
      MongoConnection.form { () throws(BSONError) in try BSONWriter.document(.map(ValueMap(entries))) })
  }
}
