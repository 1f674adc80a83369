import Commands
import Testing
import Values

@Suite("Help")
struct HelpTests {
  @Test("the help of a command has its arguments, options and examples, the same for 'help' and '--help'")
  func command() async throws {
    let project = try TemporaryProject()
    let help = await project.call("help", "run")
    #expect(help.exit == .done)
    #expect(
      help.output == """
        OVERVIEW: Run one hub now: read what is new, send what is pending.

        A run that was stopped or killed goes on where it was. The first SIGINT or
        SIGTERM lets what is under way come to its end, the second ends at once. Ends
        with 0 where everything due was done, 1 where a record failed or something is
        left to do, 69 where it is left because a system was not reached.

        USAGE: datahub run HUB [--full] [--wait DURATION]

        ARGUMENTS:
          HUB                     The hub.

        OPTIONS:
          --full                  Read from the very start; what is unchanged is not
                                  sent again.
          --wait DURATION         How long to wait for attempts that are due later.
                                  (default: 30s)
          -C, --project DIR       The project's folder. (default: .)
          -e, --env NAME          The environment. (default: development)
          --output FORMAT         How results are written: text or json. (default: text)
          --no-color              No colour, on a terminal either.
          -h, --help              This help.

        EXAMPLES:
          datahub run orders
              Run the hub 'orders' with what is deployed in development.
          datahub -e production run orders --output json
              End with one JSON object on the output.

        """)
    let option = await project.call("run", "--help")
    #expect(option.exit == .done)
    #expect(option.output == help.output)
    #expect(option.messages == "")
  }

  @Test("the help of a group lists its commands")
  func group() async throws {
    let project = try TemporaryProject()
    let help = await project.call("record", "-h")
    #expect(
      help.output == """
        OVERVIEW: Look at the records that are kept, send, hold, remove and export them.

        USAGE: datahub record COMMAND

        OPTIONS:
          -C, --project DIR       The project's folder. (default: .)
          -e, --env NAME          The environment. (default: development)
          --output FORMAT         How results are written: text or json. (default: text)
          --no-color              No colour, on a terminal either.
          -h, --help              This help.

        SUBCOMMANDS:
          list                    List records of a hub, the newest first.
          show                    Show one record: what came, where it stands, what the
                                  target said.
          retry                   Have failed records rendered and sent once more.
          release                 Let held records be sent.
          hold                    Keep records from being sent until they are released.
          resolve                 Say of uncertain records whether they arrived.
          purge                   Remove records and their contents for good.
          export                  Write records as JSON lines or CSV, in the order they
                                  first came.

        EXAMPLES:
          datahub record list orders --state failed
              The orders that could not be delivered.
          datahub record retry orders --error rejected
              Send again what the target refused.

        """)
  }

  @Test("a call without a command shows the overview as a message and ends with 64; with --help it is the result")
  func overview() async throws {
    let project = try TemporaryProject()
    let bare = await project.call()
    #expect(bare.exit == .usage)
    #expect(bare.output == "")
    let asked = await project.call("--help")
    #expect(asked.exit == .done)
    #expect(asked.output == bare.messages)
    #expect(asked.output == (await project.call("help")).output)
    let group = await project.call("task")
    #expect(group.exit == .usage)
    #expect(group.messages.hasPrefix("OVERVIEW: Look at the queue, and change what is in it."))
  }

  @Test(
    "every command has help with an example of itself",
    arguments: [
      "validate", "compile", "eval", "apply", "status", "run", "dispatch", "work", "record list", "record show",
      "task list", "task show", "sandbox", "sandbox report", "sandbox change", "sandbox faults", "version", "help",
    ])
  func everyCommand(_ name: String) async throws {
    let project = try TemporaryProject()
    let call = await project.callAll(["help"] + name.split(separator: " ").map { String($0) })
    #expect(call.exit == .done)
    #expect(call.output.contains("\nUSAGE: datahub \(name)"))
    let lines = call.output.split(separator: "\n")
    let examples = try #require(lines.firstIndex(of: "EXAMPLES:"))
    #expect(
      lines[(examples + 1)...].contains { $0.hasPrefix("  datahub ") && $0.contains(name.split(separator: " ")[0]) })
    #expect(lines.allSatisfy { $0.count <= 80 || $0.hasPrefix("  datahub ") })
  }

  @Test("the version is the same as a command and as an option")
  func version() async throws {
    let project = try TemporaryProject()
    let text = await project.call("version")
    #expect(text.exit == .done)
    #expect(text.output.hasPrefix("datahub "))
    #expect((await project.call("--version")).output == text.output)
    let number = try await project.call("version", "--output", "json").json()["version"]?.stringValue
    #expect(text.output == "datahub \(number ?? "")\n")
  }
}
