import Commands
import Foundation
import Testing
import Values

@Suite("Stores of environments")
struct StoreTests {
  /// The small project with the store of its development environment.
  private func project(_ store: String) throws -> TemporaryProject {
    let project = try TemporaryProject(smallProject)
    try project.write(
      "datahub.yaml",
      """
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: small }
      spec:
        tenant: acme
        environments:
          development: { store: '\(store)' }

      """)
    return project
  }

  @Test("checking asks for no secret of a store; opening it does, by name, and shows none")
  func secrets() async throws {
    let project = try project(
      #"mongodb://ann:${ secret("env:STORE_PASSWORD") }@127.0.0.1:1/?serverSelectionTimeoutMS=200"#)
    #expect((await project.call("-e", "development", "validate")).exit == .done)
    #expect((await project.call("compile")).exit == .done)
    let missing = await project.call("status")
    #expect(missing.exit == .usage && missing.messages.contains("STORE_PASSWORD"))
    project.environment["STORE_PASSWORD"] = "p@ss/w:rd?"
    let unreachable = await project.call("status")
    #expect(unreachable.exit == .unreachable && unreachable.messages.contains("127.0.0.1:1"))
    #expect(!unreachable.messages.contains("p@ss") && !unreachable.messages.contains("p%40ss"))
  }

  @Test("an address that is one expression is taken as it comes, and refused where it is none")
  func wholeAddress() async throws {
    let project = try project(#"${ secret("env:STORE") }"#)
    project.environment["STORE"] = "sqlite:elsewhere"
    #expect((await project.call("apply", "--yes")).exit == .done)
    #expect(FileManager.default.fileExists(atPath: project.folder.appending(path: "elsewhere/acme.sqlite").path))
    project.environment["STORE"] = "postgres://ann:s3cret@127.0.0.1/"
    let unknown = await project.call("status")
    #expect(unknown.exit == .findings && !unknown.messages.contains("s3cret"))
    project.environment["STORE"] = "mongodb://ann:s3cret@db.example.com/"
    let open = await project.call("status")
    #expect(open.exit == .usage && open.messages.contains("tls=true") && !open.messages.contains("s3cret"))
  }

  @Test("store info shows what is kept, store migrate what it made")
  func maintenance() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("store", "info")).messages.contains("nothing is deployed"))
    #expect((await project.call("store", "migrate")).output.hasPrefix("made: the store, version "))
    #expect((await project.call("store", "migrate")).output == "nothing to do\n")
    #expect((await project.call("apply", "--yes")).exit == .done)
    let info = try await project.call("store", "info", "--output", "json").json()
    #expect(info["kind"] == "sqlite" && info["tenant"] == "acme" && info["missing"] == [])
    #expect(info["place"]?.stringValue?.hasSuffix(".datahub/development/acme.sqlite") == true)
    #expect(info["counts"]?.listValue?.contains(["name": "deployments", "count": 1]) == true)
    let text = (await project.call("store", "info")).output
    #expect(text.contains("tenant acme, version ") && text.contains("deployments"))
  }

  @Test("store copy moves a store to a new one, and refuses one that has something, is the same or is not there")
  func copy() async throws {
    let project = try project("sqlite:here")
    let early = await project.call("store", "copy", "development", "sqlite:there")
    #expect(early.exit == .findings && early.messages.contains("no store of tenant 'acme'"))
    #expect((await project.call("apply", "--yes")).exit == .done)
    let copy = try await project.call("store", "copy", "development", "sqlite:there", "--output", "json").json()
    #expect(copy["from"]?.stringValue?.hasSuffix("here/acme.sqlite") == true)
    #expect(copy["to"]?.stringValue?.hasSuffix("there/acme.sqlite") == true)
    let sections = try #require(copy["sections"]?.listValue)
    #expect(sections.first?["name"] == "deployments" && sections.first?["rows"] == 1)
    #expect(sections.first?["digest"]?.stringValue?.utf8.count == 64)
    let again = await project.call("store", "copy", "development", "sqlite:there")
    #expect(again.exit == .findings && again.messages.contains("has something in it"))
    let same = await project.call("store", "copy", "development", "sqlite:here")
    #expect(same.exit == .usage && same.messages.contains("same store"))
    let unknown = await project.call("store", "copy", "developmet", "sqlite:other")
    #expect(unknown.exit == .usage && unknown.messages.contains("did you mean 'development'?"))
    let back = await project.call("store", "copy", "sqlite:there", "sqlite:back")
    #expect(back.exit == .done && back.output.contains("both have the same"))
  }
}
