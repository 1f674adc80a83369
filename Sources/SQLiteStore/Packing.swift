import Keeping
import Values

/// The items of a write as bytes: for each the record and the revision, eight bytes each, lowest first.
enum PackedItems {
  static func pack(_ items: [WriteItem]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: items.count * 16) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer)
      for item in items {
        target.storeBytes(of: item.record.littleEndian, toByteOffset: count, as: Int64.self)
        target.storeBytes(of: item.revision.littleEndian, toByteOffset: count + 8, as: Int64.self)
        count += 16
      }
    }
  }

  static func unpack(_ bytes: UnsafeRawBufferPointer) throws -> [WriteItem] {
    guard bytes.count % 16 == 0 else { throw StoreError.damaged("a write's list of records has \(bytes.count) bytes") }
    var items: [WriteItem] = []
    items.reserveCapacity(bytes.count / 16)
    for offset in stride(from: 0, to: bytes.count, by: 16) {
      items.append(
        WriteItem(
          record: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)),
          revision: Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: Int64.self))))
    }
    return items
  }
}

/// Failures as the JSON that is kept beside a task or a record.
enum FailureText {
  static func write(_ failure: Failure) throws -> String {
    try ValueEncoder().encode(failure).json()
  }

  static func read(_ text: String?) throws -> Failure? {
    guard let text else { return nil }
    do {
      return try ValueDecoder().decode(Failure.self, from: Value(json: text))
    } catch {
      throw StoreError.damaged("a failure that cannot be read (\(error))")
    }
  }
}
