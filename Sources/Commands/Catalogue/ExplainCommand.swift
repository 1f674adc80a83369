import Declarations
import Diagnostics
import Resolving
import SourceText
import Values
import YAMLSyntax

/// `datahub explain`: what a finding's code means, or where a value of a resource comes from.
struct ExplainCommand: Command {
  static let form = CommandForm(
    name: "explain", summary: "Say what a finding's code means, or where a value of a resource comes from.",
    discussion: """
      With a code such as DH2009: what is wrong, why it matters, what to do. With a kind and a name: every value of the resource \
      and the place that set it; with a path as well: that value, and what it overrode.
      """,
    arguments: [
      .required("CODE", "A code of a finding, or the kind of a resource."),
      .optional("NAME", "The resource's name."),
      .optional("PATH", "The keys to a value: target.batch, mapping.lines.emit.sku, mapping.tags[0]."),
    ],
    examples: [
      .init("datahub explain DH2009", "What the code means and what to do."),
      .init("datahub explain hub orders target.batch", "Which file and line set it, and what it overrode."),
      .init("datahub explain hub orders", "Every value of the hub and where it was set."),
    ])

  private let word: String
  private let name: String?
  private let path: [String]

  init(_ arguments: Arguments) throws(UsageError) {
    word = try arguments.required("CODE")
    name = arguments.argument("NAME")
    path = ExplainCommand.parts(arguments.argument("PATH") ?? "")
  }

  /// The keys of `mapping.lines[0].sku`; a `spec.` before them is left out.
  private static func parts(_ path: String) -> [String] {
    let parts = path.replacing("[", with: ".").replacing("]", with: "").split(separator: ".").map(String.init)
    return parts.first == "spec" ? Array(parts.dropFirst()) : parts
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    guard let name else { return try explainCode(context.console) }
    let (workspace, address) = try findResource(word, name, context)
    if path.isEmpty { return explainAll(address, workspace, context.console) }
    return try explainPath(address, workspace, context.console)
  }

  // MARK: - Codes

  private func explainCode(_ console: Console) throws -> ExitCode {
    guard let code = DiagnosticCode.named(word) else {
      if let kind = resourceKind(word) {
        throw UsageError("NAME is missing", help: "write datahub explain \(kind.rawValue) NAME [PATH]")
      }
      let codes = DiagnosticCode.all.map(\.rawValue)
      throw UsageError(
        "there is no code '\(word)'", help: didYouMean(word.uppercased(), among: codes).map { "did you mean '\($0)'?" })
    }
    if console.format == .json {
      console.line(
        Value.map(
          ValueMap([
            ("code", .string(code.rawValue)), ("title", .string(code.title)),
            ("severity", .string(code.defaultSeverity.rawValue)), ("explanation", .string(code.explanation)),
            ("bad", code.badExample.map { .string($0) } ?? .null),
            ("good", code.goodExample.map { .string($0) } ?? .null),
          ])
        ).json())
      return .done
    }
    console.line("\(code.rawValue): \(code.title) (\(code.defaultSeverity.rawValue))\n\n\(code.explanation)")
    for (title, example) in [("wrong", code.badExample), ("right", code.goodExample)] {
      guard let example, example.utf8.count < 2_000 else { continue }
      let lines = example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
      console.line("\n\(title):\n\n" + printable(lines.joined(separator: "\n"), keepsLines: true))
    }
    return .done
  }

  // MARK: - Values

  private func explainAll(_ address: Declaration.Address, _ workspace: Workspace, _ console: Console) -> ExitCode {
    guard let resource = workspace[address.kind, address.name] else { return .findings }
    let leaves = leaves(of: resource.spec, at: "")
    if console.format == .json {
      console.line(
        Value.list(
          leaves.map { leaf in
            .map(
              ValueMap([("path", .string(leaf.path)), ("value", leaf.node.value)] + json(leaf.node.span, workspace)))
          }
        ).json())
      return .done
    }
    var table = TextTable(["VALUE", "", "SET IN"])
    for leaf in leaves {
      table.add(leaf.path, shortened(leaf.node.value.json()), place(leaf.node.span, workspace.sources))
    }
    console.output(table.text())
    return .done
  }

  private func leaves(of node: YAMLNode, at path: String) -> [(path: String, node: YAMLNode)] {
    switch node.content {
    case .scalar: [(path, node)]
    case .sequence(let items):
      items.isEmpty
        ? [(path, node)]
        : items.enumerated().flatMap { leaves(of: $1, at: "\(path)[\($0)]") }
    case .mapping(let entries):
      entries.isEmpty
        ? [(path, node)]
        : entries.flatMap { leaves(of: $0.value, at: path.isEmpty ? $0.keyText : "\(path).\($0.keyText)") }
    }
  }

  private func explainPath(
    _ address: Declaration.Address, _ workspace: Workspace, _ console: Console
  ) throws -> ExitCode {
    let shownPath = path.joined(separator: ".")
    let origins = workspace.origins(of: address, path: path)
    guard let first = origins.first else { throw unknownPath(address, workspace) }
    if console.format == .json {
      console.line(json(origins, workspace).json())
      return .done
    }
    let effective = workspace[address.kind, address.name].flatMap { descend($0.spec, path) }
    if let effective {
      console.line("\(shownPath) = \(shortened(effective.value.json(), 400))")
    } else {
      console.line("\(shownPath) is not set")
    }
    for (index, origin) in origins.enumerated() {
      let verb = index == 0 ? words(first) : "overrides " + words(origin)
      console.line("  \(verb)\n    at \(place(origin.span, workspace.sources)) in \(origin.owner)")
    }
    return .done
  }

  private func words(_ origin: Origin) -> String {
    switch origin.effect {
    case .sets(let node): node.entries == nil ? "set to \(shortened(node.value.json()))" : "a part of it set"
    case .removes: "removed with null"
    case .replaces(let path): "'\(path)' set to something without it"
    }
  }

  private func json(_ origins: [Origin], _ workspace: Workspace) -> Value {
    .list(
      origins.map { origin in
        var entries: [(String, Value)] = [
          ("kind", .string(origin.owner.kind.rawValue)), ("name", .string(origin.owner.name)),
        ]
        entries += json(origin.span, workspace)
        switch origin.effect {
        case .sets(let node): entries += [("effect", "sets"), ("value", node.value)]
        case .removes: entries += [("effect", "removes"), ("value", .null)]
        case .replaces: entries += [("effect", "replaces"), ("value", .null)]
        }
        return .map(ValueMap(entries))
      })
  }

  private func json(_ span: SourceSpan, _ workspace: Workspace) -> [(String, Value)] {
    let file = workspace.sources[span.file]
    let position = file.position(at: span.range.lowerBound)
    return [
      ("file", .string(file.path)), ("line", .int(Int64(position.line))), ("column", .int(Int64(position.column))),
    ]
  }

  private func unknownPath(_ address: Declaration.Address, _ workspace: Workspace) -> CommandFailure {
    var node = workspace[address.kind, address.name]?.spec
    var known: [String] = []
    for key in path {
      guard let child = node.flatMap({ descend($0, [key]) }) else {
        let names = node?.entries?.map(\.keyText) ?? []
        let parent = known.isEmpty ? "\(address)" : "'\(known.joined(separator: "."))' of \(address)"
        return CommandFailure(
          .findings, "\(parent) has no '\(key)'",
          help: didYouMean(key, among: names).map { "did you mean '\($0)'?" }
            ?? (names.isEmpty ? nil : "it has \(names.joined(separator: ", "))"))
      }
      node = child
      known.append(key)
    }
    return CommandFailure(.findings, "\(address) has no '\(path.joined(separator: "."))'")
  }

  private func descend(_ node: YAMLNode, _ path: [String]) -> YAMLNode? {
    path.reduce(node as YAMLNode?) { node, key in
      guard let node else { return nil }
      if let entry = node[key] { return entry.value }
      guard let items = node.items, let index = Int(key), items.indices.contains(index) else { return nil }
      return items[index]
    }
  }

  private func shortened(_ text: String, _ limit: Int = 60) -> String {
    let plain = printable(text)
    return plain.count <= limit ? plain : plain.prefix(limit - 1) + "…"
  }
}
