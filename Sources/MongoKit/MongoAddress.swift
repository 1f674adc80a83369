import CLibMongoC
import Glibc

/// Where a database is, as a `mongodb://` address says it, checked before anything is connected.
///
/// Off this machine TLS is demanded, and it cannot be told to take certificates that are not valid. What decides whether
/// a write counts as kept is set here and nowhere else: a majority of the servers has it in its journal.
public struct MongoAddress: Sendable {
  /// The text, with its credentials.
  private let text: String
  /// The hosts, for messages; without credentials.
  public let hosts: String
  /// How many commands may be on their way at once.
  public var connections: Int

  /// The longest a write waits for a majority before its outcome counts as unknown.
  static let writeTimeout: Int32 = 20_000

  /// Reads and checks an address.
  ///
  /// - Throws: ``MongoError`` `address`, which never repeats the address itself: it may have a password in it.
  public init(_ text: String, connections: Int = 8) throws(MongoError) {
    self.text = text
    self.connections = max(1, connections)
    MongoLibrary.start()
    let uri = try MongoAddress.parse(text)
    defer { mongoc_uri_destroy(uri) }
    let hosts = MongoAddress.hosts(of: uri)
    self.hosts = hosts.map(\.shown).joined(separator: ",")
    try MongoAddress.check(uri, hosts)
  }

  /// Lends the address with everything set that is not the user's to choose.
  func withURI<Result>(_ body: (OpaquePointer) throws(MongoError) -> Result) throws(MongoError) -> Result {
    let uri = try MongoAddress.parse(text)
    defer { mongoc_uri_destroy(uri) }
    let numbers: [(String, Int32)] = [
      ("maxpoolsize", Int32(connections)), ("wtimeoutms", MongoAddress.writeTimeout),
      ("serverselectiontimeoutms", 15_000), ("connecttimeoutms", 10_000), ("sockettimeoutms", 60_000),
      ("heartbeatfrequencyms", 10_000),
    ]
    for (name, value) in numbers where !mongoc_uri_has_option(uri, name) || name != "serverselectiontimeoutms" {
      mongoc_uri_set_option_as_int32(uri, name, value)
    }
    for name in ["journal", "retrywrites", "retryreads"] { mongoc_uri_set_option_as_bool(uri, name, true) }
    let concern = mongoc_write_concern_new()
    defer { mongoc_write_concern_destroy(concern) }
    mongoc_write_concern_set_wmajority(concern, MongoAddress.writeTimeout)
    mongoc_write_concern_set_journal(concern, true)
    mongoc_uri_set_write_concern(uri, concern)
    let reading = mongoc_read_concern_new()
    defer { mongoc_read_concern_destroy(reading) }
    mongoc_read_concern_set_level(reading, "majority")
    mongoc_uri_set_read_concern(uri, reading)
    return try body(uri)
  }

  private static func parse(_ text: String) throws(MongoError) -> OpaquePointer {
    var error = bson_error_t()
    guard let uri = mongoc_uri_new_with_error(text, &error) else {
      // The library's message may quote parts of the address, and so a password.
      throw MongoError(
        .address,
        "the address is not of the form mongodb://user:password@host:port/?option=value; "
          + "write characters such as @ : / % in a name or password as %40 %3A %2F %25")
    }
    return uri
  }

  // MARK: - What is refused

  private struct Host {
    let name: String
    let shown: String

    var isLocal: Bool {
      name == "localhost" || name == "::1" || name.hasPrefix("/")
        || (name.hasPrefix("127.") && name.utf8.allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) })
    }
  }

  private static func hosts(of uri: OpaquePointer) -> [Host] {
    if let service = mongoc_uri_get_srv_hostname(uri) {
      let name = String(cString: service)
      return [Host(name: name, shown: name)]
    }
    var hosts: [Host] = []
    var next = mongoc_uri_get_hosts(uri)
    while let host = next {
      let name = withUnsafePointer(to: host.pointee.host) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: host.pointee.host)) {
          String(cString: $0)
        }
      }
      hosts.append(Host(name: name, shown: "\(name):\(host.pointee.port)"))
      next = UnsafePointer(host.pointee.next)
    }
    return hosts
  }

  private static func check(_ uri: OpaquePointer, _ hosts: [Host]) throws(MongoError) {
    for (option, name) in [
      ("tlsinsecure", "tlsInsecure"), ("tlsallowinvalidcertificates", "tlsAllowInvalidCertificates"),
      ("tlsallowinvalidhostnames", "tlsAllowInvalidHostnames"),
    ] where mongoc_uri_get_option_as_bool(uri, option, false) {
      throw MongoError(
        .address, "\(name) is refused: name the authority that signed the server's certificate with tlsCAFile instead")
    }
    if let compressors = mongoc_uri_get_compressors(uri), bson_has_field(compressors, "zlib") {
      throw MongoError(
        .address,
        "zlib compression is refused: unpatched servers give their memory away through it; use zstd, snappy or none")
    }
    // With a name it says where that is known, as authSource does; alone it would be passed over without a word.
    if let name = mongoc_uri_get_database(uri), mongoc_uri_get_username(uri) == nil {
      throw MongoError(
        .address, "'/\(String(cString: name))' is to be left out: each tenant has a database of its own name")
    }
    guard hosts.allSatisfy(\.isLocal) || mongoc_uri_get_tls(uri) else {
      throw MongoError(.address, "\(hosts.map(\.shown).joined(separator: ",")) is not on this machine: add tls=true")
    }
    for (option, name) in [
      ("w", "w"), ("journal", "journal"), ("safe", "safe"),
      ("readpreference", "readPreference"), ("wtimeoutms", "wTimeoutMS"), ("retrywrites", "retryWrites"),
    ] where mongoc_uri_has_option(uri, option) {
      // The one value each may have is written by many out of habit.
      if option == "retrywrites", mongoc_uri_get_option_as_bool(uri, option, true) { continue }
      if option == "w", isMajority(uri) { continue }
      if option == "journal", mongoc_uri_get_option_as_bool(uri, option, true) { continue }
      throw MongoError(.address, "\(name) is not to be chosen: leave it out")
    }
    // Not among the options once it is parsed.
    if let concern = mongoc_uri_get_read_concern(uri), let level = mongoc_read_concern_get_level(concern),
      String(cString: level) != "majority"
    {
      throw MongoError(.address, "readConcernLevel is not to be chosen: leave it out")
    }
  }

  private static func isMajority(_ uri: OpaquePointer) -> Bool {
    guard let concern = mongoc_uri_get_write_concern(uri) else { return false }
    return mongoc_write_concern_get_wmajority(concern)
  }
}

/// The library, which is started once and used until the process ends.
public enum MongoLibrary {
  /// Removes the file with counters that the library makes in shared memory as it is loaded, before any program runs: nobody
  /// removes it when the process is killed, and one with its number later complains.
  ///
  /// The counters go on in memory. To be called first of all.
  public static func removeCounters() { shm_unlink("/mongoc-\(getpid())") }

  static func start() { _ = isStarted }

  private static let isStarted: Bool = {
    removeCounters()
    mongoc_init()
    // Its messages would go to standard error, with the texts of servers in them; failures reach us as errors.
    mongoc_log_set_handler({ _, _, _, _ in }, nil)
    return true
  }()
}
