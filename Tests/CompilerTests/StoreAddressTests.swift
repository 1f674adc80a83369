import Testing

@Suite("Addresses of stores")
struct StoreAddressTests {
  private func findings(_ store: String) throws -> [Finding] {
    let quoted = store.replacing("'", with: "''")
    let project = """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: sample }
      spec:
        environments:
          production: { store: '\(quoted)' }
      """
    return try SampleProject.compile(["datahub.yaml": project]).findings
  }

  @Test(
    "folders, addresses without a password, and references to one are taken",
    arguments: [
      "sqlite:.datahub/production", "mongodb://127.0.0.1:27017/", "mongodb://ann@db.example.com/?tls=true",
      #"mongodb://ann:${ secret("env:STORE_PASSWORD") }@db.example.com,db2.example.com:27018/?tls=true&replicaSet=rs0"#,
      #"mongodb+srv://${ env("USER") }:${ secret("file:/etc/a}@b") }@db.example.com/"#, #"${ secret("env:STORE") }"#,
      #"mongodb://db.example.com/?tls=true&tlsCertificateKeyFilePassword=${ secret("env:KEY") }"#,
    ])
  func taken(_ store: String) throws { #expect(try findings(store).map(\.description) == []) }

  @Test(
    "a password that is written out is a secret in a file",
    arguments: [
      "mongodb://ann:s3cret@db.example.com/?tls=true", "mongodb+srv://ann:p%40ss@db.example.com/",
      #"mongodb://${ env("USER") }:s3cret@127.0.0.1/"#,
      "mongodb://db.example.com/?tls=true&tlsCertificateKeyFilePassword=s3cret",
    ])
  func passwords(_ store: String) throws {
    let findings = try findings(store)
    #expect(findings.map(\.code) == ["DH2012"] && findings[0].help?.contains("secret(\"env:") == true)
    #expect(!findings[0].message.contains("s3cret"))
  }

  @Test("other kinds are refused", arguments: ["", "sqlite:", "postgres://127.0.0.1/", ".datahub/production"])
  func unknown(_ store: String) throws { #expect(try findings(store).map(\.code) == ["DH2015"]) }

  @Test("an expression in an address is checked")
  func expressions() throws {
    #expect(try findings(#"mongodb://ann:${ secrt("env:X") }@127.0.0.1/"#).map(\.code) == ["DH3001"])
  }
}
