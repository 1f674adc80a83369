import Declarations
import Diagnostics
import Resolving

/// `datahub completion`: the script that makes a shell complete words.
struct CompletionCommand: Command {
  static let form = CommandForm(
    name: "completion", summary: "Write the script that lets a shell complete commands, options and names.",
    discussion: """
      bash: add  source <(datahub completion bash)  to ~/.bashrc.
      zsh:  add  source <(datahub completion zsh)   to ~/.zshrc, after compinit.
      fish: datahub completion fish > ~/.config/fish/completions/datahub.fish
      """,
    arguments: [.required("SHELL", "bash, zsh or fish.")],
    examples: [.init("datahub completion bash", "The script for bash.")])

  private let script: String

  init(_ arguments: Arguments) throws(UsageError) {
    let shell = try arguments.required("SHELL")
    guard let script = CompletionCommand.scripts[shell] else {
      throw UsageError("there is no script for '\(shell)'", help: "shells are bash, zsh, fish")
    }
    self.script = script
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    context.console.output(script)
    return .done
  }

  /// All three ask the program itself, which knows its commands and the project's names.
  private static let scripts = [
    "bash": """
    _datahub() {
      local IFS=$'\\n'
      COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)" \\
        -- "${COMP_WORDS[COMP_CWORD]}"))
    }
    complete -o default -F _datahub datahub

    """,
    "zsh": """
    _datahub() {
      local -a found
      found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
      if [[ -n "${found[1]}" ]]; then compadd -a found; else _files; fi
    }
    compdef _datahub datahub

    """,
    "fish": """
    function __datahub_complete
      set -l words (commandline -opc) (commandline -ct)
      datahub complete -- $words[2..-1] 2>/dev/null
    end
    complete -c datahub -f -n '__datahub_complete | count >/dev/null' -a '(__datahub_complete)'

    """,
  ]
}

/// `datahub complete`: what may stand where the cursor is; for the scripts of ``CompletionCommand``.
struct CompleteCommand: Command {
  static let form = CommandForm(
    name: "complete", summary: "List what may stand as the last of some words; for completion scripts.",
    arguments: [.rest("WORD", "The words after the program's name, up to the one under the cursor.")],
    examples: [.init("datahub complete -- record l", "Gives list.")])

  private let words: [String]

  init(_ arguments: Arguments) { words = arguments.arguments("WORD") }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let last = words.last ?? ""
    for candidate in candidates(context) where candidate.hasPrefix(last) { context.console.line(candidate) }
    return .done
  }

  private func candidates(_ context: CommandContext) -> [String] {
    var node = CommandNode.datahub
    var given: [String] = []
    var previous: String?
    for word in words.dropLast() {
      if previous.flatMap({ option($0, node) })?.placeholder != nil {
        previous = nil
        continue
      }
      if given.isEmpty, let child = node.child(word) {
        node = child
      } else if !word.hasPrefix("-") {
        given.append(word)
      }
      previous = word.hasPrefix("-") ? word : nil
    }
    if let before = previous.flatMap({ option($0, node) }), before.placeholder != nil { return before.choices }
    if words.last?.hasPrefix("-") == true { return node.form.options.map { "--" + $0.name } + ["--help"] }
    let children = given.isEmpty ? node.children.map(\.form.name).filter { $0 != CompleteCommand.form.name } : []
    return children + names(for: node, after: given, context)
  }

  private func option(_ word: String, _ node: CommandNode) -> OptionForm? {
    node.form.options.first { "--" + $0.name == word || $0.short.map { "-\($0)" } == word }
  }

  /// Names of the project that fit the argument under the cursor.
  private func names(for node: CommandNode, after given: [String], _ context: CommandContext) -> [String] {
    let arguments = node.form.arguments
    guard let last = arguments.last else { return [] }
    let argument = given.count < arguments.count ? arguments[given.count] : last
    guard given.count < arguments.count || last.isRepeated else { return [] }
    switch argument.name {
    case "KIND", "CODE": return ResourceKind.allCases.map(\.rawValue)
    case "SHELL": return ["bash", "zsh", "fish"]
    case "HUB": return project(context)?.names(.hub) ?? []
    case "HUB|API": return project(context).map { $0.names(.hub) + $0.names(.standardAPI) } ?? []
    case "NAME":
      guard let kind = given.last.flatMap({ resourceKind($0) }) else { return project(context)?.names(.hubTest) ?? [] }
      return project(context)?.names(kind) ?? []
    default: return []
    }
  }

  private func project(_ context: CommandContext) -> Workspace? {
    Workspace.load(context.diskFiles, root: context.shownProject).value
  }
}
