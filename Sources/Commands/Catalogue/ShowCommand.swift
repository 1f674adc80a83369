import Declarations
import Diagnostics
import Resolving
import SourceText
import Values
import YAMLSyntax

/// `datahub show`: one resource as it is written, or with all it inherits.
struct ShowCommand: Command {
  static let form = CommandForm(
    name: "show", summary: "Show one resource: as it is written, or with all it inherits.",
    discussion: "KIND is one of \(ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")), in any case.",
    arguments: [.required("KIND", "The kind of the resource."), .required("NAME", "Its name.")],
    options: [
      .flag("resolved", "With all it inherits; what stands in another document has its place beside it.")
    ],
    examples: [
      .init("datahub show hub orders", "The document that declares the hub."),
      .init("datahub show hub orders --resolved", "The hub as it is compiled."),
    ])

  private let kind: String
  private let name: String
  private let isResolved: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    kind = try arguments.required("KIND")
    name = try arguments.required("NAME")
    isResolved = arguments.flag("resolved")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let (workspace, address) = try findResource(kind, name, context)
    guard let resolved = workspace[address.kind, address.name], let declared = workspace.declaration(address) else {
      return .findings
    }
    if context.console.format == .json {
      context.console.line(json(isResolved ? resolved : declared).json())
    } else if isResolved {
      context.console.output(text(resolved, workspace.sources))
    } else {
      let file = workspace.sources[declared.span.file]
      context.console.note("\(file.path):\(file.position(at: declared.span.range.lowerBound).line)")
      context.console.line(file.text(declared.span.range))
    }
    return .done
  }

  // MARK: - View

  private func json(_ resource: Declaration) -> Value {
    var entries: [(String, Value)] = [
      ("apiVersion", "datahub/v1"), ("kind", .string(resource.kind.rawValue)),
      ("metadata", .map(ValueMap([("name", .string(resource.name))]))),
    ]
    if !isResolved, let extends = resource.extends { entries.append(("extends", .string(extends.name))) }
    entries.append(("spec", resource.spec.value))
    return .map(ValueMap(entries))
  }

  private func text(_ resource: Declaration, _ sources: SourceCollection) -> String {
    var text = "apiVersion: datahub/v1\nkind: \(resource.kind.rawValue)\nmetadata:\n  name: \(resource.name)\n"
    if let title = resource.title { text += "  title: \(yamlScalar(title))\n" }
    let writer = YAMLText { node in
      let isOwn = node.span.file == resource.span.file && resource.span.range.contains(node.span.range.lowerBound)
      return isOwn ? nil : place(node.span, sources)
    }
    return text + "spec:\n" + writer.text(of: resource.spec, indent: 1)
  }
}

/// The resource of a kind and a name, in any case and spelling of the kind.
///
/// - Throws: ``CommandFailure`` where there is none, with the names there are.
func findResource(
  _ kind: String, _ name: String, _ context: CommandContext
) throws -> (Workspace, Declaration.Address) {
  guard let kind = resourceKind(kind) else {
    let names = ResourceKind.allCases.map(\.rawValue)
    throw UsageError(
      "there is no kind '\(kind)'",
      help: didYouMean(kind.lowercased(), among: names.map { $0.lowercased() }).map { "did you mean '\($0)'?" }
        ?? "kinds are \(names.joined(separator: ", "))")
  }
  let loaded = Workspace.load(context.diskFiles, root: context.shownProject)
  guard let workspace = loaded.value else {
    throw CommandFailure(.findings, "the project cannot be read", help: "run datahub validate to see every finding")
  }
  guard workspace[kind, name] != nil else {
    let names = workspace.names(kind)
    throw CommandFailure(
      .findings, "there is no \(kind.noun) '\(name)'",
      help: didYouMean(name, among: names).map { "did you mean '\($0)'?" }
        ?? (names.isEmpty
          ? "nothing of kind \(kind.rawValue) is declared" : "there is \(names.joined(separator: ", "))"))
  }
  if loaded.diagnostics.hasErrors {
    context.console.warn("the project has errors, so this may not be whole; run datahub validate to see them")
  }
  return (workspace, Declaration.Address(kind, name))
}

/// The kind of a word: `hub`, `Hub`, `standard-api`, `standardAPI`, `api`.
func resourceKind(_ word: String) -> ResourceKind? {
  let plain = word.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
  if plain == "api" { return .standardAPI }
  return ResourceKind.allCases.first { [$0.rawValue.lowercased(), $0.rawValue.lowercased() + "s"].contains(plain) }
}

/// `hubs/orders.yaml:12:5`.
func place(_ span: SourceSpan, _ sources: SourceCollection) -> String {
  let file = sources[span.file]
  let position = file.position(at: span.range.lowerBound)
  return "\(file.path):\(position.line):\(position.column)"
}
