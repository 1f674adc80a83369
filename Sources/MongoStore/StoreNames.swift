import Digests
import Keeping

/// What a tenant's database is called, and its collections.
enum StoreNames {
  /// `datahub_` and the tenant's name; of a name that is too long for a database the beginning and its digest.
  static func database(of tenant: String) throws(StoreError) -> String {
    let isName =
      (1...100).contains(tenant.utf8.count)
      && tenant.utf8.allSatisfy { byte in isPlain(byte) || byte == 0x2D }
    guard isName else {
      throw StoreError(
        .otherTenant, "\"\(tenant.prefix(100))\" is no name of a tenant: only letters, digits, '-' and '_', at most 100"
      )
    }
    return "datahub_" + cut(tenant, to: 55)
  }

  /// The collection of a hub's records: the hub's name, in which everything but letters, digits, '-' and '_' is written
  /// as `%` and two hexadecimal digits.
  ///
  /// No two hubs have one collection, and none has one of ours: those have a dot in their names.
  static func records(of hub: String) -> String {
    var name = ""
    for byte in hub.utf8 {
      if isPlain(byte) || byte == 0x2D {
        name.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        name += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return name.isEmpty ? "%" : cut(name, to: 100)
  }

  private static func cut(_ name: String, to length: Int) -> String {
    guard name.utf8.count > length else { return name }
    let digest = HashFunction.sha256.digest(Array(name.utf8)).prefix(12)
    let text = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    // A name that was not cut never looks so: `%%` is in none.
    return name.prefix(length - 26) + (length > 60 ? "%%" : "__") + text
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
    default: false
    }
  }
}
