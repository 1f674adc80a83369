import CLibMongoC
public import Values

extension MongoConnection {
  /// Follows a database's change stream: calls a body for each change, and once whenever a while has passed without any, until it
  /// says that it is enough.
  ///
  /// See <https://www.mongodb.com/docs/manual/changeStreams/>; servers without a replica set have none.
  ///
  /// - Parameters:
  ///   - stages: which changes are meant, as stages of a pipeline.
  ///   - milliseconds: about how long a while is.
  ///   - body: whether there was a change; gives whether to go on.
  /// - Throws: ``MongoError`` where there is no stream, or it has ended.
  public func follow(
    _ database: String, _ stages: [Value], awaiting milliseconds: Int64, _ body: (Bool) -> Bool
  ) throws(MongoError) {
    func pointer(_ value: Value) throws(MongoError) -> BSONPointer {
      try BSONPointer(MongoConnection.form { () throws(BSONError) in try BSONWriter.document(value) })
    }
    let pipeline = try pointer(["pipeline": .list(stages)])
    let options = try pointer(["maxAwaitTimeMS": .int(milliseconds)])
    guard let handle = mongoc_client_get_database(client, database) else {
      throw MongoError(.form, "no database can be called '\(database)'")
    }
    defer { mongoc_database_destroy(handle) }
    guard let stream = mongoc_database_watch(handle, pipeline.pointer, options.pointer) else {
      throw MongoError(.form, "out of memory")
    }
    defer { mongoc_change_stream_destroy(stream) }
    while true {
      var change: OpaquePointer?
      let isChange = mongoc_change_stream_next(stream, &change)
      if !isChange {
        var error = bson_error_t()
        var reply: OpaquePointer?
        if mongoc_change_stream_error_document(stream, &error, &reply) { throw MongoError(error, nil) }
      }
      if !body(isChange) { return }
    }
  }
}
