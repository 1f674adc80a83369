import Connecting
import Plans
import Testing
import Values

@Suite("Secrets")
struct SecretTests {
  @Test("a secret shows three stars however it is printed")
  func hidden() {
    let secret = Secret("canary-7f3a")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect("\(secret)" == "***")
    #expect(String(reflecting: secret) == "***")
    #expect(!dumped.contains("canary"))
    #expect(!"\([secret])".contains("canary"))
    #expect(secret.reveal() == "canary-7f3a")
  }

  @Test("a variable, a file and a credential are read; a line break at the end of a file is not part of it")
  func read() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("from file\r\n", to: "secret")
    _ = try folder.write("from unit\n", to: "erp", mode: 0o440)
    let secrets = SecretResolver(environment: ["NAME": "from variable"], credentialsFolder: folder.path)
    #expect(try secrets.resolve("env:NAME").reveal() == "from variable")
    #expect(try secrets.resolve("file:\(file)").reveal() == "from file")
    #expect(try secrets.resolve("credential:erp").reveal() == "from unit")
  }

  @Test("a file others may read is refused", arguments: [0o640, 0o604, 0o666])
  func tooOpen(mode: Int) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("secret", to: "open", mode: mode)
    let error = #expect(throws: ConnectingError.self) {
      try SecretResolver(environment: [:], credentialsFolder: nil).resolve("file:\(file)")
    }
    #expect(error?.code == .unreadableSecret)
    #expect(error?.message.contains("chmod 600") == true)
  }

  @Test("what is no usable secret is refused with what to do")
  func refused() throws {
    let folder = try TemporaryFolder()
    let large = try folder.write([UInt8](repeating: 0x61, count: SecretResolver.maximumBytes + 1), to: "large")
    let binary = try folder.write([0xFF, 0xFE], to: "binary")
    let empty = try folder.write("\n", to: "empty")
    let secrets = SecretResolver(environment: ["EMPTY": ""], credentialsFolder: nil)
    let expected: [(String, ConnectingError.Code, String)] = [
      ("env:MISSING", .missingSecret, "the environment variable 'MISSING' is not set"),
      ("env:EMPTY", .missingSecret, "is empty"),
      ("file:relative", .badReference, "absolute path"),
      ("file:\(folder.path)", .unreadableSecret, "not a regular file"),
      ("file:\(folder.path)/none", .missingSecret, "No such file"),
      ("file:\(large)", .unreadableSecret, "more than 65536 bytes"),
      ("file:\(binary)", .unreadableSecret, "not UTF-8"),
      ("file:\(empty)", .missingSecret, "is empty"),
      ("credential:erp", .missingSecret, "LoadCredential=erp"),
      ("credential:../etc/passwd", .badReference, "has no '/'"),
      ("env:", .badReference, "env:NAME"),
    ]
    for (reference, code, words) in expected {
      let error = #expect(throws: ConnectingError.self) { try secrets.resolve(reference) }
      #expect(error?.code == code, "\(reference)")
      #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }
  }

  @Test("a literal in place of a reference is not repeated in the message")
  func literal() {
    let secrets = SecretResolver(environment: [:], credentialsFolder: nil)
    for text in ["canary-7f3a", "password:canary-7f3a"] {
      let error = #expect(throws: ConnectingError.self) { try secrets.resolve(text) }
      #expect(error?.message.contains("canary") == false)
    }
  }

  @Test("a parameter whose secret is missing names the connector, the parameter and what to set")
  func missingParameter() async throws {
    try await Bench.with { bench in
      let plan = ConnectorPlan.plain(parameters: [
        ParameterPlan(name: "key", value: #"${ secret("env:ERP_SECRET") }"#, isSecret: true)
      ])
      let error = #expect(throws: ConnectingError.self) { try bench.client(plan) }
      #expect(error?.code == .missingSecret)
      #expect(
        error?.message
          == "connector 'test', parameter 'key': the environment variable 'ERP_SECRET' is not set; set it where datahub runs"
      )
    }
  }

  @Test("an environment variable has its default, and without one is asked for")
  func environment() async throws {
    try await Bench.with { bench in
      func plan(_ value: String) -> ConnectorPlan {
        var plan = ConnectorPlan.plain(parameters: [ParameterPlan(name: "url", value: .string(value), isSecret: false)])
        plan.baseURL = "${ connector.url }"
        return plan
      }
      _ = try bench.client(plan(#"${ env("URL", "http://127.0.0.1:1") }"#))
      _ = try bench.client(plan(#"${ env("URL") }"#), environment: ["URL": "https://example.com/v1/"])
      let error = #expect(throws: ConnectingError.self) { try bench.client(plan(#"${ env("URL") }"#)) }
      #expect(error?.message.contains("parameter 'url'") == true)
      #expect(error?.message.contains("URL") == true)
    }
  }
}
