import CLibMongoC

/// A document in the library's hands; destroyed with the last reference.
final class BSONPointer {
  let pointer: OpaquePointer

  /// A document with nothing in it.
  init() throws(MongoError) {
    guard let pointer = bson_new() else { throw MongoError(.form, "out of memory") }
    self.pointer = pointer
  }

  /// A copy of a document's bytes.
  init(_ bytes: [UInt8]) throws(MongoError) {
    guard let pointer = bson_new_from_data(bytes, bytes.count) else {
      throw MongoError(.form, "a document of \(bytes.count) bytes is no document")
    }
    self.pointer = pointer
  }

  deinit { bson_destroy(pointer) }

  /// A copy of a document the library owns.
  static func copy(_ pointer: OpaquePointer) throws(MongoError) -> BSONDocument {
    guard let data = bson_get_data(pointer) else { throw MongoError(.form, "an answer without bytes") }
    let length = data.withMemoryRebound(to: UInt8.self, capacity: 4) { bytes in
      (0..<4).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
    }
    do throws(BSONError) {
      return try BSONDocument(bytes: Array(UnsafeBufferPointer(start: data, count: length)))
    } catch {
      throw MongoError(.form, "an answer that is no document: \(error)")
    }
  }
}

/// Room for a document that the library makes.
final class ReplyPointer {
  let pointer: OpaquePointer
  private let room = UnsafeMutableRawPointer.allocate(byteCount: 128, alignment: 128)

  init() {
    pointer = OpaquePointer(room)
    // The library does the same before it writes; where it does not come so far, there is a document all the same.
    bson_init(pointer)
  }

  deinit {
    bson_destroy(pointer)
    room.deallocate()
  }

  /// The document, copied out, since the library owns the bytes.
  func document() throws(MongoError) -> BSONDocument { try BSONPointer.copy(pointer) }
}
