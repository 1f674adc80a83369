import Testing

@testable import MongoKit

@Suite("Addresses of databases")
struct MongoAddressTests {
  @Test(
    "addresses on this machine need no TLS",
    arguments: [
      "mongodb://127.0.0.1:27017/", "mongodb://localhost", "mongodb://[::1]:27017/?replicaSet=rs0",
      "mongodb://user:p%40ss@127.0.0.1/?authSource=admin", "mongodb://127.0.0.1,127.0.0.2:27018/?w=majority",
    ])
  func local(_ text: String) throws { _ = try MongoAddress(text) }

  @Test("others do, and their hosts are shown without user and password")
  func remote() throws {
    let error = #expect(throws: MongoError.self) { try MongoAddress("mongodb://ann:s3cret@db.example.com/") }
    #expect(error?.kind == .address)
    #expect(error?.description.contains("tls=true") == true && error?.description.contains("s3cret") == false)
    let address = try MongoAddress("mongodb://ann:s3cret@db.example.com,127.0.0.1/?tls=true")
    #expect(address.hosts == "db.example.com:27017,127.0.0.1:27017")
    for mixed in [
      "mongodb://127.0.0.1,db.example.com/", "mongodb://127.example.com/", "mongodb://db.example.com/?tls=false",
    ] {
      #expect(throws: MongoError.self) { try MongoAddress(mixed) }
    }
  }

  @Test(
    "what would make TLS, or a write that is kept, worth less is refused",
    arguments: [
      "tls=true&tlsAllowInvalidCertificates=true", "tls=true&tlsAllowInvalidHostnames=true",
      "tls=true&tlsInsecure=true",
      "ssl=true&sslAllowInvalidCertificates=true", "TLS=true&TLSINSECURE=true", "compressors=zlib",
      "compressors=zstd,zlib", "w=1", "journal=false", "readPreference=secondary", "readConcernLevel=local",
      "retryWrites=false", "wTimeoutMS=5",
    ])
  func refused(_ options: String) {
    for host in ["127.0.0.1", "db.example.com"] {
      let error = #expect(throws: MongoError.self) { try MongoAddress("mongodb://\(host)/?\(options)") }
      #expect(error?.kind == .address)
    }
  }

  @Test("a database is refused unless it says where the user is known")
  func database() throws {
    let error = #expect(throws: MongoError.self) { try MongoAddress("mongodb://127.0.0.1/orders") }
    #expect(error?.description.contains("/orders") == true)
    #expect(throws: Never.self) { try MongoAddress("mongodb://ann:s3cret@127.0.0.1/admin") }
  }

  @Test(
    "what is no address is refused without repeating it",
    arguments: ["", "http://x", "mongodb://a:p@ss@h:99999999/", "mongodb://"])
  func malformed(_ text: String) {
    let error = #expect(throws: MongoError.self) { try MongoAddress(text) }
    #expect(error?.description.contains("p@ss") == false)
  }
}
