import CLibMongoC
import Glibc
public import Values

/// One client, lent to a body for as long as it runs.
///
/// Never keep it, or a ``MongoCollection`` of it, beyond the body: a client belongs to one thread.
public final class MongoConnection {
  let thread: MongoClient
  /// The transaction under way; commands are part of it.
  var session: OpaquePointer?

  var client: OpaquePointer { thread.pointer }

  init(_ thread: MongoClient) { self.thread = thread }

  /// A collection of a database; nothing is asked.
  public func collection(_ name: String, of database: String) -> MongoCollection {
    MongoCollection(connection: self, database: database, name: name)
  }

  /// The names of a database's collections.
  public func collectionNames(of database: String) throws(MongoError) -> Set<String> {
    let reply = try read(
      ["listCollections": 1, "nameOnly": true, "cursor": ["batchSize": 100_000]], on: database)
    let rows = try MongoConnection.form { () throws(BSONError) in
      try reply.document("cursor")?.documents("firstBatch") ?? []
    }
    return Set(rows.compactMap { $0.text("name") })
  }

  /// Runs a command that reads and gives the server's answer.
  public func read(_ command: Value, on database: String) throws(MongoError) -> BSONDocument {
    let command = try BSONPointer(MongoConnection.form { () throws(BSONError) in try BSONWriter.document(command) })
    return try run(isWrite: false) { options, reply, error in
      mongoc_client_read_command_with_opts(client, database, command.pointer, nil, options, reply, error)
    }
  }

  /// Runs a command that writes and gives the server's answer; it counts as done when a majority of the servers has it.
  public func write(_ command: Value, on database: String) throws(MongoError) -> BSONDocument {
    try write(MongoConnection.form { () throws(BSONError) in try BSONWriter.document(command) }, on: database)
  }

  /// Runs a command that is written already.
  ///
  /// A document that is part of another's transaction is waited for, as servers do by themselves; within a transaction the
  /// transaction is what has to be made again.
  func write(_ command: [UInt8], on database: String) throws(MongoError) -> BSONDocument {
    let command = try BSONPointer(command)
    let deadline = ContinuousClock.now + MongoConnection.patience
    var pause: UInt32 = 2000
    while true {
      do throws(MongoError) {
        let reply = try run(isWrite: true) { options, reply, error in
          mongoc_client_write_command_with_opts(client, database, command.pointer, options, reply, error)
        }
        try check(reply)
        return reply
      } catch {
        guard error.isConflict, session == nil, ContinuousClock.now < deadline else { throw error }
        usleep(UInt32.random(in: 500...pause))
        pause = min(pause * 2, 100_000)
      }
    }
  }

  /// Throws the first of the errors that an answer lists for single documents.
  private func check(_ reply: BSONDocument) throws(MongoError) {
    let errors = try MongoConnection.form { () throws(BSONError) in try reply.documents("writeErrors") }
    if let first = errors.first { throw MongoError(listed: first, reply.texts("errorLabels")) }
  }

  private func run(
    isWrite: Bool, _ call: (OpaquePointer, OpaquePointer, UnsafeMutablePointer<bson_error_t>) -> Bool
  ) throws(MongoError) -> BSONDocument {
    let options = try self.options()
    var error = bson_error_t()
    let reply = ReplyPointer()
    guard call(options.pointer, reply.pointer, &error) else {
      throw MongoError(error, readable(reply), isWrite: isWrite)
    }
    return try reply.document()
  }

  /// The options every command takes: the transaction it is part of.
  func options(_ bytes: [UInt8]? = nil) throws(MongoError) -> BSONPointer {
    let options = if let bytes { try BSONPointer(bytes) } else { try BSONPointer() }
    if let session {
      var error = bson_error_t()
      guard mongoc_client_session_append(session, options.pointer, &error) else { throw MongoError(error, nil) }
    }
    return options
  }

  /// What the server answered beside an error; nil where that cannot be read either.
  func readable(_ reply: ReplyPointer) -> BSONDocument? {
    do throws(MongoError) {
      return try reply.document()
    } catch {
      return nil
    }
  }

  /// Makes a document's bytes; what cannot be one is an error of the command.
  static func form<Result>(_ body: () throws(BSONError) -> Result) throws(MongoError) -> Result {
    do throws(BSONError) {
      return try body()
    } catch {
      throw MongoError(.form, error.description)
    }
  }
}
