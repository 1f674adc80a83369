import Commands
import Testing

@Suite("eval")
struct EvalTests {
  @Test(
    "the value is JSON and keeps its type",
    arguments: [
      (["1 + 2"], "3"), ([#"decimal("29.30") * 3"#], "87.90"), ([#""a" + "b""#], #""ab""#),
      (["${ 1 + 2 }"], "3"), (["record.items.map(i, i.sku)", "--bind", #"record={"items":[{"sku":"a"}]}"#], #"["a"]"#),
      (["a + b", "--bind", "a=0.10", "--bind", "b=0.20"], "0.30"),
      (["1u", "--output", "json"], #"{"type":"uint","value":1}"#),
      (["null", "--output", "json"], #"{"type":"null_type","value":null}"#),
    ])
  func values(_ arguments: [String], _ expected: String) async throws {
    let call = try await TemporaryProject().callAll(["eval"] + arguments)
    #expect(call.messages == "")
    #expect(call.output == expected + "\n")
    #expect(call.exit == .done)
  }

  @Test(
    "a number that JSON does not have is said, and not written",
    arguments: [
      ("1.0 / 0.0", "the value is infinite"), ("{\"a\": [0.0 / 0.0]}", "a[0]: the value is not a number"),
      ("double(\"1e999\")", "infinite"), ("json(-1.0 / 0.0)", "infinite"),
    ])
  func unwritable(_ source: String, _ message: String) async throws {
    let call = try await TemporaryProject().call("eval", source)
    #expect(call.exit == .findings && call.output == "" && call.messages.contains(message), "\(call.messages)")
  }

  @Test("a variable is given one value")
  func twice() async throws {
    let project = try TemporaryProject(["in.jsonl": "{}"])
    #expect(await project.call("eval", "x", "--bind", "x=1", "--bind", "x=2").exit == .usage)
    #expect(await project.call("eval", "record", "--bind", "record=1", "--in", "in.jsonl").exit == .usage)
  }

  @Test("a mistake is marked in the expression")
  func marks() async throws {
    let project = try TemporaryProject()
    let syntax = await project.call("eval", "1 +* 2")
    #expect(syntax.exit == .findings)
    #expect(syntax.messages == "error: '*' stands where a value is expected\n  1 +* 2\n     ^\n")
    let wide = await project.call("eval", #""中文" + r.x"#, "--bind", #"r={"y":1}"#)
    #expect(wide.exit == .findings)
    #expect(wide.messages.contains("\n  \"中文\" + r.x\n           ^^^\n"))
    let lines = await project.call("eval", "1 +\n nope")
    #expect(lines.messages.contains("\n   nope\n   ^^^^\n"))
  }

  @Test("each line of a file is evaluated; what is no JSON or has no value is named by its line")
  func linesOfAFile() async throws {
    let project = try TemporaryProject(["in.jsonl": "{\"a\":1}\n\n{\"a\":\n{\"b\":2}\n{\"a\":2.50}"])
    let call = await project.call("eval", "record.a", "--in", "in.jsonl")
    #expect(call.exit == .findings)
    #expect(call.output == "1\n2.50\n")
    #expect(call.messages.contains("line 3 is not JSON"))
    #expect(call.messages.contains("line 4: no such field 'a'"))
    let missing = await project.call("eval", "1", "--in", "nowhere.jsonl")
    #expect(missing.exit == .findings)
    #expect(missing.messages.contains("No such file or directory"))
  }

  @Test("lines longer than the buffer and many lines arrive whole")
  func manyLines() async throws {
    let long = String(repeating: "x", count: 200_000)
    let text = "{\"a\":\"\(long)\"}\n" + String(repeating: "{\"a\":\"y\"}\n", count: 20_000)
    let project = try TemporaryProject(["in.jsonl": text])
    let call = await project.call("eval", "size(record.a)", "--in", "in.jsonl")
    #expect(call.exit == .done)
    #expect(call.output == "200000\n" + String(repeating: "1\n", count: 20_000))
  }

  @Test("a value that is not JSON says which binding")
  func badBinding() async throws {
    let call = try await TemporaryProject().call("eval", "a", "--bind", "a=text")
    #expect(call.exit == .usage)
    #expect(call.messages.hasPrefix("error: the value of 'a' is not JSON: "))
    #expect(call.messages.hasSuffix("help: a text needs quotes: --bind 'a=\"text\"'\n"))
  }
}
