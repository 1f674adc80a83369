import Declarations
import Diagnostics
import Resolving
import Templates

/// `datahub new`: a commented resource to start from.
struct NewCommand: Command {
  static let form = CommandForm(
    name: "new", summary: "Write a commented resource to start from.",
    discussion: """
      What must be there is filled in, where the project has a resource that fits with its name; everything else stands in \
      comments with what it means. KIND is one of \(ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")).
      """,
    arguments: [.required("KIND", "The kind of the resource."), .required("NAME", "Its name.")],
    options: [
      .value("out", short: "o", "FILE", "The file. Default: a folder of the kind and the name, hubs/NAME.yaml.")
    ],
    examples: [.init("datahub new hub stock", "Writes hubs/stock.yaml.")])

  private let kind: ResourceKind
  private let name: String
  private let path: String

  init(_ arguments: Arguments) throws(UsageError) {
    let word = try arguments.required("KIND")
    guard let kind = resourceKind(word) else {
      throw UsageError(
        "there is no kind '\(word)'", help: "kinds are \(ResourceKind.allCases.map(\.rawValue).joined(separator: ", "))"
      )
    }
    self.kind = kind
    name = try arguments.required("NAME")
    guard isValidName(name, mayHavePlatform: kind == .standardAPI) else {
      throw UsageError("'\(name)' is not a name", help: "names have letters, digits, '-', '_' and '.'")
    }
    let folder = kind.noun.lowercased().replacing(" ", with: "-") + "s"
    path =
      arguments.value("out")
      ?? (kind == .project ? "datahub.yaml" : "\(folder)/\(name.replacing("/", with: "-")).yaml")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let workspace = Workspace.load(context.diskFiles, root: context.shownProject).value
    let text = ResourceSketch(workspace).text(of: kind, name)
    let shown = context.shownProject.isEmpty || path.hasPrefix("/") ? path : context.shownProject + "/" + path
    let place = context.surroundings.absolute(shown)
    guard !FileAccess.exists(place) else {
      throw CommandFailure(.findings, "'\(shown)' is there already", help: "name another file with --out")
    }
    do throws(FileProblem) {
      if let slash = place.lastIndex(of: "/") { try FileAccess.makeFolder(String(place[..<slash])) }
      try FileAccess.write(Array(text.utf8), to: place)
    } catch {
      throw CommandFailure(.findings, "'\(shown)' cannot be written: \(error)")
    }
    context.console.line(shown)
    return .done
  }
}

/// A resource with what must be there, and all else in comments: from the specification of its kind.
struct ResourceSketch {
  private let workspace: Workspace?

  /// A sketch that names what a project has.
  init(_ workspace: Workspace?) { self.workspace = workspace }

  /// A resource of the project to refer to.
  ///
  /// - Parameter side: `source` or `target`, where it stands below one: then connector and standard API fit together.
  private func reference(_ kind: ResourceKind, _ side: String?) -> String? {
    guard let workspace else { return nil }
    guard let side, kind == .connector || kind == .standardAPI else { return workspace.names(kind).first }
    let apis = workspace.all(.standardAPI).filter { $0.spec.text("effect") == (side == "source" ? "query" : "execute") }
    for connector in workspace.all(.connector) {
      guard let api = apis.first(where: { $0.spec.text("platform") == connector.spec.text("platform") }) else {
        continue
      }
      return kind == .connector ? connector.name : api.name
    }
    return kind == .connector ? workspace.names(kind).first : apis.first?.name
  }

  func text(of kind: ResourceKind, _ name: String) -> String {
    var text =
      "# \(kind.spec.summary)\n" + "apiVersion: datahub/v1\nkind: \(kind.rawValue)\nmetadata:\n  name: \(name)\n"
    text += "  # title: What people call it.\n"
    if kind.spec.fields.isEmpty { return text }
    return text + "spec:\n" + lines(kind.spec, indent: "  ")
  }

  private func lines(_ spec: ObjectSpec, indent: String, side: String? = nil) -> String {
    var text = ""
    for field in spec.fields {
      let side = ["source", "target"].contains(field.name) ? field.name : side
      text += "\(indent)# \(field.summary.replacing("\n", with: " "))\n"
      let mark = field.isRequired ? "" : "# "
      let value = field.examples.first ?? example(field.type, indent: indent, side, isComment: !field.isRequired)
      text +=
        "\(indent)\(mark)\(field.name):\(value.hasPrefix("\n") ? "" : " ")\(value)\(value.hasSuffix("\n") ? "" : "\n")"
    }
    return text
  }

  private func example(_ type: FieldType, indent: String, _ side: String?, isComment: Bool) -> String {
    switch type {
    case .text, .file, .schemaFile: "text"
    case .flag: "false"
    case .integer(let range): "\(range.lowerBound)"
    case .duration, .momentOrDuration: "10m"
    case .errorAllowance: "1%"
    case .moment: "2026-01-01T00:00:00Z"
    case .zone: "Asia/Shanghai"
    case .cron, .schedule: "\"0 */2 * * *\""
    case .choice(let values): values.first ?? "text"
    case .reference(let kind), .referenceOr(let kind, _):
      reference(kind, side) ?? "name-of-a-\(kind.noun.replacing(" ", with: "-"))"
    case .expression(let scope): "${ \(scope.variables.first ?? "env(\"NAME\")")\(scope == .record ? ".id" : "") }"
    case .textTemplate(let scope): scope.variables.isEmpty ? "'${ env(\"NAME\") }'" : "/path"
    case .template(let scope):
      isComment || scope.variables.first != "record"
        ? "{}" : "\n\(indent)  code: ${ record.id }\n"
    case .value, .map, .schema: "{}"
    case .list: "[]"
    case .object(let spec): isComment ? "{}" : "\n" + lines(spec, indent: indent + "  ", side: side)
    }
  }
}
