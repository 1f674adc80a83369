import Commands
import Testing

@Suite("Command lines")
struct ParserTests {
  /// A command line that cannot be used, what is said about it, and what to do.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let line: String
    let message: String
    let help: String

    init(_ line: String, _ message: String, _ help: String) {
      self.line = line
      self.message = message
      self.help = help
    }

    var testDescription: String { line }
  }

  @Test(
    "a mistake is named with what to write instead, and ends with 64",
    arguments: [
      Mistake("vlidate", "'datahub' has no command 'vlidate'", "did you mean 'validate'?"),
      Mistake("record lst", "'datahub record' has no command 'lst'", "did you mean 'list'?"),
      Mistake(
        "task frobnicate", "'datahub task' has no command 'frobnicate'",
        "there is list, show, edit, front, retry, cancel, resolve, prune"),
      Mistake("run orders --fulll", "'datahub run' has no option '--fulll'", "did you mean '--full'?"),
      Mistake(
        "run orders -x", "'datahub run' has no option '-x'",
        "see datahub help run, or put '--' before an argument that begins with '-'"),
      Mistake("version --nonsense", "'datahub version' has no option '--nonsense'", "see datahub help version"),
      Mistake("run", "HUB is missing", "write datahub run HUB"),
      Mistake("record show orders", "KEY is missing", "write datahub record show HUB KEY"),
      Mistake("run a b", "'b' is one argument too many for 'datahub run'", "see datahub help run"),
      Mistake("status --env", "'--env' needs a value", "write --env NAME"),
      Mistake("status -e --output json", "'-e' needs a value", "write -e NAME"),
      Mistake("status -e a -e b", "'-e' is given twice", "keep one of the two"),
      Mistake("run orders --full=yes", "'--full' takes no value", "write --full alone"),
      Mistake(
        "status --output=jsno", "'jsno' is not a value of '--output'", "did you mean 'json'? there is text, json"),
      Mistake("status --output xml", "'xml' is not a value of '--output'", "there is text, json"),
      Mistake(
        "run orders --wait soon", "'soon' is not a value of '--wait'",
        "write a length of time such as 15, 30s, 5m or 1h30m"),
      Mistake(
        "record list orders --limit 0", "'0' is not a value of '--limit'", "write a whole number from 1 to 10000"),
      Mistake(
        "record list orders --state done,lost", "'lost' is not a value of '--state'",
        "there is pending, queued, done, failed, waiting, filtered, held, uncertain"),
      Mistake("task show x", "'x' is not a value of 'ID'", "write a whole number from 1"),
      Mistake(
        "sandbox --drop-after 2", "'2' is not a value of '--drop-after'", "write a number from 0 to 1, such as 0.05"),
      Mistake(
        "sandbox --latency 5 report", "'datahub sandbox report' has no option '--latency'",
        "see datahub help sandbox report"),
      Mistake("sandbox faults", "KEY=VALUE is missing", "write datahub sandbox faults KEY=VALUE..."),
      Mistake("sandbox faults latncy=5", "there is no fault 'latncy'", "did you mean 'latency'?"),
      Mistake("sandbox faults latency=slow", "'slow' is not a value of 'latency'", "write a number: latency=1"),
      Mistake("dispatch orders", "one side of the hub is to be said", "write --source, --target or --remedy"),
      Mistake(
        "dispatch orders --source --target", "one side of the hub is to be said", "write --source, --target or --remedy"
      ),
      Mistake("help rnu", "'datahub' has no command 'rnu'", "did you mean 'run'?"),
      Mistake("eval 1 --bind 2", "'2' is not a value of '--bind'", "write NAME=JSON, such as --bind 'price=12.30'"),
    ])
  func mistakes(_ mistake: Mistake) async throws {
    let project = try TemporaryProject()
    let words = mistake.line.split(separator: " ").map { String($0) }
    let call = await project.callAll(words)
    #expect(call.exit == .usage)
    #expect(call.output == "")
    #expect(call.messages == "error: \(mistake.message)\nhelp: \(mistake.help)\n")
  }

  @Test("options stand before, within and after the words of a command, with a space, '=' or nothing before the value")
  func places() async throws {
    let project = try TemporaryProject(["p/datahub.yaml": smallProject["datahub.yaml", default: ""]])
    for line in [
      ["-C", "p", "-e", "test", "status"], ["status", "--project=p", "--env=test"], ["status", "-Cp", "-etest"],
      ["status", "-C=p", "-e=test"], ["--project", "p", "status", "--env", "test"],
    ] {
      let call = await project.callAll(line)
      #expect(call.exit == .findings)
      #expect(call.messages.hasPrefix("error: nothing is deployed in 'test'\n"), "\(line): \(call.messages)")
    }
  }

  @Test("what stands after '--' is an argument, whatever it looks like")
  func dashes() async throws {
    let project = try TemporaryProject()
    let call = await project.call("eval", "--", "-1 - 2")
    #expect(call.exit == .done)
    #expect(call.output == "-3\n")
  }
}
