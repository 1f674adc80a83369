import Testing

@testable import Commands

@Suite("schedule next")
struct ScheduleNextTests {
  @Test("an expression's times are those of its zone, in one word or five, as text or JSON")
  func times() async throws {
    let project = try TemporaryProject()
    let options = ["--zone", "Europe/Berlin", "--from", "2026-03-28T00:00:00Z", "--count", "2"]
    let call = await project.callAll(["schedule", "next", "30 2 * * *"] + options)
    #expect(call.exit == .done)
    #expect(call.output == "2026-03-28T02:30:00+01:00\n2026-03-29T03:00:00+02:00\n")
    let words = await project.callAll(["schedule", "next", "30", "2", "*", "*", "*", "--output", "json"] + options)
    #expect(words.output == "[\"2026-03-28T02:30:00+01:00\",\"2026-03-29T03:00:00+02:00\"]\n")
  }

  @Test("what cannot be answered is said with what to write")
  func mistakes() async throws {
    let project = try TemporaryProject()
    let call = await project.callAll(["schedule", "next", "0 24 * * *"])
    #expect(call.exit == .findings && call.messages.contains("'24' is no hour") && call.messages.contains("help:"))
    for line in [[], ["@daily", "--zone", "Mars"], ["@daily", "--from", "noon"], ["@daily", "--in", "-"]] {
      #expect(await project.callAll(["schedule", "next"] + line).exit == .usage)
    }
  }

  @Test("each line of a file is answered, and one that cannot be is told by its number")
  func file() async throws {
    let lines = """
      {"expression": "@yearly", "from": "2026-01-01T00:00:00Z"}

      {"expression": "@daily", "zone": "+08:00", "from": "2026-01-01T00:00:00Z"}
      {"expression": "@often"}
      {"from": "2026-01-01T00:00:00Z"}
      """
    let project = try TemporaryProject(["lines.jsonl": lines])
    let call = await project.callAll(["schedule", "next", "--count", "1", "--in", "lines.jsonl"])
    #expect(call.exit == .findings)
    let answers = call.output.split(separator: "\n")
    #expect(
      answers.prefix(2) == ["{\"times\":[\"2027-01-01T00:00:00Z\"]}", "{\"times\":[\"2026-01-02T00:00:00+08:00\"]}"])
    #expect(answers.count == 4 && answers[2].contains("\"line\":4") && answers[3].contains("has no 'expression'"))
  }
}
