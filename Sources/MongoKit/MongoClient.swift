import CLibMongoC

/// The library's client of one thread, and the session of its transactions; never leaves the thread.
final class MongoClient {
  let pointer: OpaquePointer
  private var session: OpaquePointer?

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  /// The thread's session: one for all of its transactions, so that the server knows few.
  func openSession() throws(MongoError) -> OpaquePointer {
    if let session { return session }
    var error = bson_error_t()
    guard let new = mongoc_client_start_session(pointer, nil, &error) else { throw MongoError(error, nil) }
    session = new
    return new
  }

  /// Lets the session go, also before the client is given back; the next transaction makes another.
  func endSession() {
    if let session { mongoc_client_session_destroy(session) }
    session = nil
  }
}
