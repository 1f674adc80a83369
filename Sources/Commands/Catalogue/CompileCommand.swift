import Plans
import Values

/// `datahub compile`: writes the execution plan.
struct CompileCommand: Command {
  static let form = CommandForm(
    name: "compile", summary: "Write the execution plan of an environment as canonical JSON.",
    discussion:
      "The same files give the same bytes. The plan holds no secret, only where each is found; "
      + "it names the Git commit where the work tree has no changes.",
    options: [.value("out", short: "o", "FILE", "Write to a file instead of the output.")],
    examples: [
      .init("datahub compile -e production -o plan.json", "The plan of production, to be reviewed and applied later.")
    ])

  private let path: String?

  init(_ arguments: Arguments) throws(UsageError) {
    path = arguments.value("out")
    if path == "" { throw UsageError("'--out' is empty", help: "name a file, or leave the option out") }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let plan = try Compiler(context: context).compile().plan
    var bytes = try plan.canonicalBytes()
    bytes.append(0x0A)
    guard let path else {
      context.console.output(String(decoding: bytes, as: UTF8.self))
      return .done
    }
    do throws(FileProblem) {
      try FileAccess.write(bytes, to: context.surroundings.absolute(path))
    } catch {
      throw CommandFailure(.findings, "the plan cannot be written: \(error)")
    }
    context.console.note("\(counted(plan.hubs.count, "hub")) compiled for '\(plan.environment)': \(path)")
    return .done
  }
}
