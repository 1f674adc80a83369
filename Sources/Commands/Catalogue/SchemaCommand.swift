import Declarations
import Values

/// `datahub schema`: the JSON Schemas of the kinds, for editors.
struct SchemaCommand: Command {
  static let form = CommandForm(
    name: "schema", summary: "Write the JSON Schema of a kind, or the files of all kinds, for editors.",
    discussion: """
      Editors with the YAML language server check a file and complete its keys where its first line is
        # yaml-language-server: $schema=PATH/schemas/v1/datahub.json
      """,
    arguments: [.optional("KIND", "The kind; without one, the schema of a document of any kind.")],
    options: [.value("out", short: "o", "FOLDER", "Write the files of all kinds into a folder.")],
    examples: [
      .init("datahub schema hub", "The schema of hubs."),
      .init("datahub schema -o schemas/v1", "All schemas, as files that refer to each other."),
    ])

  private let kind: ResourceKind?
  private let folder: String?

  init(_ arguments: Arguments) throws(UsageError) {
    folder = arguments.value("out")
    guard let word = arguments.argument("KIND") else {
      kind = nil
      return
    }
    guard let kind = resourceKind(word) else {
      throw UsageError(
        "there is no kind '\(word)'",
        help: "kinds are \(ResourceKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    self.kind = kind
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    guard let folder else {
      let schema = kind.map { SchemaGenerator.schema(of: $0) } ?? SchemaGenerator.anyKind()
      context.console.line(indentedJSON(schema))
      return .done
    }
    let place = context.surroundings.absolute(folder)
    do throws(FileProblem) {
      try FileAccess.makeFolder(place)
      for file in SchemaGenerator.files() {
        try FileAccess.write(Array((indentedJSON(file.schema) + "\n").utf8), to: "\(place)/\(file.name)")
      }
    } catch {
      throw CommandFailure(.findings, "the schemas cannot be written: \(error)")
    }
    context.console.note("\(counted(SchemaGenerator.files().count, "schema")) written to \(folder)")
    return .done
  }
}
