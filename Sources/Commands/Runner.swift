import Glibc

/// Runs a command line of this process and gives its exit status.
public func runDatahub(_ arguments: [String]) async -> Int32 {
  // A reader that goes away, as `head` does, must not end a worker in the middle of its work.
  signal(SIGPIPE, SIG_IGN)
  return await runDatahub(arguments, in: .process).rawValue
}

/// Runs a command line in some surroundings.
package func runDatahub(_ arguments: [String], in surroundings: Surroundings) async -> ExitCode {
  var console = Console(surroundings)
  do {
    let line = try ArgumentParser(root: .datahub).parse(arguments)
    let globals = try GlobalOptions(line.arguments)
    console = Console(surroundings, format: globals.format, allowsColor: globals.allowsColor)
    let exit = try await run(line, CommandContext(globals: globals, console: console, surroundings: surroundings))
    return surroundings.output.isBroken && exit == .done ? .findings : exit
  } catch {
    let failure = CommandFailure.explaining(error)
    console.report(failure)
    return failure.exit
  }
}

private func run(_ line: CommandLineForm, _ context: CommandContext) async throws -> ExitCode {
  if line.wantsHelp {
    context.console.output(HelpText(node: line.node, path: line.path).text)
    return .done
  }
  if line.path.count == 1, line.arguments.flag("version") {
    return try await VersionCommand(line.arguments).run(context)
  }
  guard let command = line.node.command else {
    context.console.message(HelpText(node: line.node, path: line.path).text)
    return .usage
  }
  return try await command.init(line.arguments).run(context)
}
