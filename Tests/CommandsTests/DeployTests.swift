import Commands
import Foundation
import Testing
import Values

@Suite("compile, apply and looking at the store")
struct DeployTests {
  @Test("compiling twice gives the same bytes, on the output and in a file")
  func sameBytes() async throws {
    let project = try TemporaryProject(smallProject)
    let first = await project.call("compile")
    #expect(first.exit == .done)
    #expect(first.messages == "")
    #expect((await project.call("compile")).output == first.output)
    let filed = await project.call("compile", "-o", "plan.json")
    #expect(filed.exit == .done)
    #expect(filed.output == "")
    let file = try String(contentsOf: project.folder.appending(path: "plan.json"), encoding: .utf8)
    #expect(file == first.output)
    #expect(try Value(json: file)["environment"] == "development")
    let other = try await project.call("-e", "production", "compile").json()
    #expect(other["environment"] == "production")
  }

  @Test("the commit is in the plan only where no file differs from it")
  func commit() async throws {
    let project = try TemporaryProject(smallProject)
    #expect(try await project.call("compile").json()["commit"] == nil)
    try git(project, "init", "-q")
    try git(project, "add", ".")
    try git(project, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one")
    let commit = try #require(try await project.call("compile").json()["commit"]?.stringValue)
    #expect(commit.count == 40)
    try project.write(".datahub/development/acme.sqlite", "the store is no file of the project")
    #expect(try await project.call("compile").json()["commit"] != nil)
    try project.write("more.yaml", "")
    #expect(try await project.call("compile").json()["commit"] == nil)
  }

  private func git(_ project: TemporaryProject, _ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["git", "-C", project.folder.path] + arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  @Test("a project with errors is neither compiled nor applied, and its findings are messages")
  func errors() async throws {
    let project = try TemporaryProject(smallProject)
    try project.write("more.yaml", "kind: [\n")
    for line in [["compile"], ["apply", "--yes"]] {
      let call = await project.callAll(line)
      #expect(call.exit == .findings)
      #expect(call.output == "")
      #expect(call.messages.contains("more.yaml"))
      #expect(call.messages.contains("the project cannot be compiled: "))
    }
    #expect(!FileManager.default.fileExists(atPath: project.folder.appending(path: ".datahub").path))
  }

  @Test("before anything is deployed, commands say what to do")
  func nothingDeployed() async throws {
    let project = try TemporaryProject(smallProject)
    for line in ["status", "record list orders", "task list", "run orders", "work --stop-when-empty"] {
      let call = await project.callAll(line.split(separator: " ").map { String($0) })
      #expect(call.exit == .findings)
      #expect(call.messages == "error: nothing is deployed in 'development'\nhelp: run datahub apply\n")
    }
    #expect(!FileManager.default.fileExists(atPath: project.folder.appending(path: ".datahub").path))
  }

  @Test("applying shows the changes and asks; where nobody can be asked it wants --yes")
  func asking() async throws {
    let project = try TemporaryProject(smallProject)
    let changes = "changes in 'development':\n  + orders\n1 to add, 0 to change, 0 to remove, 0 as it is\n"
    let alone = await project.call("apply")
    #expect(alone.exit == .usage)
    #expect(alone.output == changes)
    #expect(alone.messages.contains("--yes"))
    let refused = await project.call(answering: "no", "apply")
    #expect(refused.exit == .findings)
    #expect(refused.messages == "Deploy to 'development'? [y/N] nothing was deployed\n")
    let agreed = await project.call(answering: "Yes", "apply")
    #expect(agreed.exit == .done)
    #expect(agreed.output == changes + "deployed to 'development' as generation 1\n")
  }

  @Test("applying the same again changes nothing; a change names the place; a hub that is gone is removed")
  func generations() async throws {
    let project = try TemporaryProject(smallProject)
    #expect(try await project.call("apply", "--yes", "--output", "json").json()["generation"] == 1)
    let same = await project.call("apply", "--yes")
    #expect(same.exit == .done)
    #expect(same.output == "nothing to change: 'development' is at generation 1\n")
    let hub = smallProject["hubs/orders.yaml", default: ""]
    try project.write("hubs/orders.yaml", hub.replacing("record.amount", with: "record.total"))
    let changed = await project.call("apply", "--yes")
    #expect(changed.output.contains("  ~ orders\n      mapping.amount\n0 to add, 1 to change, 0 to remove"))
    try project.write("hubs/orders.yaml", hub.replacing("name: orders", with: "name: sales"))
    let moved = try await project.call("apply", "--yes", "--output", "json").json()
    #expect(moved["generation"] == 3)
    #expect(moved["changed"]?.listValue?.compactMap { $0["action"]?.stringValue } == ["remove", "add"])
  }

  @Test("a saved plan is applied as it is, and only where it belongs")
  func savedPlan() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("-e", "test", "compile", "-o", "plan.json")).exit == .done)
    let wrong = await project.call("apply", "plan.json", "--yes")
    #expect(wrong.exit == .usage)
    #expect(wrong.messages.contains("a plan for 'test', not for 'development'"))
    #expect((await project.call("-e", "test", "apply", "plan.json", "--yes")).exit == .done)
    let text = try String(contentsOf: project.folder.appending(path: "plan.json"), encoding: .utf8)
    try project.write("plan.json", text.replacing("record.amount", with: "record.other"))
    let forged = await project.call("-e", "test", "apply", "plan.json", "--yes")
    #expect(forged.exit == .findings)
    #expect(forged.messages.contains("the plan was changed after it was compiled"))
    try project.write("plan.json", "{}")
    #expect((await project.call("-e", "test", "apply", "plan.json", "--yes")).exit == .findings)
    #expect((await project.call("apply", "nowhere.json", "--yes")).exit == .findings)
  }

  @Test("an empty store is shown as such")
  func emptyStore() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    let status = try await project.call("status", "orders", "--output", "json").json()
    #expect(status["generation"] == 1)
    #expect(status["hubs"]?.listValue?.first?["hub"] == "orders")
    let records = await project.call("record", "list", "orders")
    #expect(records.exit == .done)
    #expect(records.output == "")
    #expect(records.messages == "no records\n")
    #expect((await project.call("record", "list", "orders", "--output", "json")).output == "[]\n")
    #expect((await project.call("task", "list", "--output", "json")).output == "[]\n")
    let table = await project.call("status")
    #expect(
      table.output.hasSuffix(
        "HUB     READ UNTIL  RECORDS  QUEUE  NEXT  LAST ERROR\norders  never       none     none\n"))
  }

  @Test("what is not there is named, with what is")
  func notThere() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    for line in ["run order", "status order", "record list order", "record show order 1", "dispatch order --source"] {
      let call = await project.callAll(line.split(separator: " ").map { String($0) })
      #expect(call.exit == .usage, "\(line)")
      #expect(
        call.messages == "error: no hub 'order' is deployed in 'development'\nhelp: did you mean 'orders'?\n", "\(line)"
      )
    }
    #expect((await project.call("record", "show", "orders", "X1")).exit == .findings)
    #expect((await project.call("task", "show", "99")).exit == .findings)
    let environment = await project.call("-e", "prodction", "status")
    #expect(environment.exit == .usage)
    #expect(environment.messages.contains("did you mean 'production'?"))
  }

  @Test("looking at the store goes on while another file is being changed")
  func brokenElsewhere() async throws {
    let project = try TemporaryProject(smallProject)
    #expect((await project.call("apply", "--yes")).exit == .done)
    try project.write("hubs/orders.yaml", "kind: [\n")
    #expect((await project.call("status")).exit == .done)
    try project.write("datahub.yaml", "kind: [\n")
    let call = await project.call("status")
    #expect(call.exit == .findings)
    #expect(call.messages.contains("run datahub validate"))
  }

  @Test("a store of another kind is refused; a declared folder is used")
  func stores() async throws {
    let project = try TemporaryProject(smallProject)
    let document = smallProject["datahub.yaml", default: ""]
    try project.write("datahub.yaml", document + "  environments: { development: { store: \"sqlite:data/here\" } }\n")
    #expect((await project.call("apply", "--yes")).exit == .done)
    #expect(FileManager.default.fileExists(atPath: project.folder.appending(path: "data/here/acme.sqlite").path))
    try project.write("datahub.yaml", document + "  environments: { development: { store: \"redis:x\" } }\n")
    let call = await project.call("status")
    #expect(call.exit == .findings)
    #expect(call.messages.contains("redis:x"))
  }
}
