import Declarations
import Diagnostics
import Keeping
import Resolving
import Schemas
import SourceText
import Values
import YAMLSyntax

/// `datahub infer`: learns what records are like from samples.
struct InferCommand: Command {
  static let form = CommandForm(
    name: "infer", summary: "Learn the schema of a hub's or a standard API's records from samples of them.",
    discussion: """
      Reads one JSON text a line; a JSON array of objects is as many samples. What is in all samples is required, null is a type where it was seen, few texts that come often are a \
      closed set, dates are told by their form, and a map with many names that vary has additionalProperties. Every sample is of \
      the schema that is written; whether every record to come is, only who knows the API can say: read it before you commit it.

      The schema is one of the API's records (`record.schema`), of its documents for an API that writes (`document.schema`), or of a \
      hub (`source.schema`) whose API is in a catalogue.
      """,
    arguments: [
      .required("HUB|API", "A hub, or a standard API."), .optional("FILE", "The samples; '-' is the input."),
    ],
    options: [
      .flag("from-keeper", "Learn from the newest records that are kept of the hub, in place of a file."),
      .flag("target", "Of a hub: the documents of its target, not the records of its source."),
      .flag("write", "Write it into the file of the project; comments stay, a schema that is there is replaced."),
      .value(
        "enums", "N", "How many different texts may be a closed set; 0 for none.", default: "10"),
      .value("limit", "N", "How many samples to read at most; of kept records 10000.", default: "1000000"),
    ],
    examples: [
      .init("datahub infer jushuitan/orders-query orders.jsonl", "Print the schema of what is in the file."),
      .init("datahub infer orders orders.jsonl --write", "Write it where the hub's records are declared."),
      .init("datahub infer orders --from-keeper", "Learn from what the hub has read already."),
    ])

  private let name: String
  /// The file of the samples; nil for the records that are kept.
  private let path: String?
  private let isTarget: Bool
  private let writes: Bool
  private let enums: Int
  private let limit: Int

  init(_ arguments: Arguments) throws(UsageError) {
    name = try arguments.required("HUB|API")
    path = arguments.argument("FILE")
    isTarget = arguments.flag("target")
    if arguments.flag("from-keeper") {
      guard path == nil, !isTarget else {
        throw UsageError(
          "'--from-keeper' is in place of a file, and has source records", help: "leave one of the two out")
      }
    } else if path == nil {
      throw UsageError("FILE is missing", help: "name a file of samples, '-' for the input, or --from-keeper")
    }
    writes = arguments.flag("write")
    enums = try arguments.integer("enums", in: 0...1_000, default: 10)
    limit = try arguments.integer("limit", in: 1...100_000_000, default: 1_000_000)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    guard let workspace = Workspace.load(context.diskFiles, root: context.shownProject).value else {
      throw CommandFailure(.findings, "the project cannot be read", help: "datahub validate says why")
    }
    let place = try self.place(workspace)
    let inference = try await path == nil ? learnFromKeeper(context, workspace) : learn(context)
    guard inference.count > 0 else {
      throw CommandFailure(.findings, path.map { "'\($0)' has no samples" } ?? "no records of '\(name)' are kept")
    }
    let schema = inference.schema
    let noun = place.holder == "record" || place.holder == "source" ? "record" : "document"
    let samples = "learnt from \(counted(inference.count, noun))"
    if writes {
      let shown = try write(schema, at: place, workspace, context)
      context.console.line("\(shown): \(place.holder).schema of \(place.owner.address), \(samples)")
    } else if context.console.format == .json {
      context.console.line(
        Value.map(ValueMap([("samples", .int(Int64(inference.count))), ("schema", schema)])).json())
    } else {
      context.console.note("\(samples); it goes under spec of \(place.owner.address)")
      for line in ["\(place.holder):"] + SchemaText.lines(of: schema, under: "schema", indent: 2) {
        context.console.line(line)
      }
    }
    return .done
  }

  /// What the newest records that are kept of a hub are like.
  private func learnFromKeeper(_ context: CommandContext, _ workspace: Workspace) async throws -> SchemaInference {
    guard workspace[.hub, name] != nil else {
      throw UsageError("'\(name)' is no hub", help: "records are kept of hubs")
    }
    let filter = RecordFilter(hub: name, limit: min(limit, 10_000))
    let options = SchemaInference.Options(maximumEnumeration: enums)
    return try await OpenStore.with(context) { open in
      var inference = SchemaInference(options)
      for summary in try await open.store.records(filter) {
        if let record = try await open.store.record(hub: filter.hub, key: summary.key) {
          try inference.add(record.content)
        }
      }
      return inference
    }
  }

  private func learn(_ context: CommandContext) throws -> SchemaInference {
    let path = path ?? "-"
    var inference = SchemaInference(SchemaInference.Options(maximumEnumeration: enums))
    var parser = JSONParser()
    var lines = try LineReader(path == "-" ? nil : context.surroundings.absolute(path))
    var number = 0
    var unpacked = 0
    while inference.count < limit, let line = try lines.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        let sample = try parse(line, &parser, &lines, isFirst: inference.count == 0)
        if let items = sample.listValue, !items.isEmpty, items.allSatisfy({ $0.mapValue != nil }) {
          for item in items.prefix(limit - inference.count) { try inference.add(item) }
          unpacked += items.count
        } else {
          try inference.add(sample)
        }
      } catch let error as JSONError {
        throw CommandFailure(
          .findings, "\(path):\(number) is not JSON: \(error)",
          help: "write one JSON text a line, without line breaks in it")
      } catch let error as SchemaInference.Limit {
        throw CommandFailure(.findings, "\(path):\(number): \(error)", help: "learn from fewer samples with --limit")
      }
    }
    if unpacked > 0 {
      context.console.note("the samples stand in a JSON array: its \(counted(unpacked, "object")) are taken one by one")
    }
    return inference
  }

  /// The sample of a line; where the first line alone is none, of the whole file, which may be one text over many lines.
  private func parse(
    _ line: [UInt8], _ parser: inout JSONParser, _ lines: inout LineReader, isFirst: Bool
  ) throws -> Value {
    do throws(JSONError) {
      return try parser.parse(line)
    } catch {
      guard isFirst, let sign = line.first(where: { $0 != 0x20 && $0 != 0x09 }), sign == 0x5B || sign == 0x7B else {
        throw error
      }
      var text = line
      while let next = try lines.next(), text.count + next.count < LineReader.maximumBytes { text += [0x0A] + next }
      do throws(JSONError) {
        return try parser.parse(text)
      } catch _ {
        // The line is what was meant to be a sample.
        throw error
      }
    }
  }

  // MARK: - The place

  /// Where a schema is declared.
  private struct Place {
    let owner: Declaration
    /// The field of its spec that has the schema.
    let holder: String
  }

  private func place(_ workspace: Workspace) throws -> Place {
    if let hub = workspace[.hub, name] {
      let side = isTarget ? "target" : "source"
      if !isTarget, let upstream = hub.spec.child("source")?.text("hub") {
        throw CommandFailure(
          .findings, "the source of \(hub.address) is another hub, whose records have the schema of its own source",
          help: "write datahub infer \(upstream) FILE.jsonl, or --target for this hub's documents")
      }
      guard let api = hub.spec.child(side)?.text("api"), let declared = workspace[.standardAPI, api] else {
        throw CommandFailure(
          .findings, "the \(side) of \(hub.address) names no standard API that is there",
          help: "datahub validate says what is wrong")
      }
      return declared.isFromCatalogue
        ? Place(owner: hub, holder: side) : Place(owner: declared, holder: isTarget ? "document" : "record")
    }
    guard let api = workspace[.standardAPI, name] else {
      let names = workspace.names(.hub) + workspace.names(.standardAPI)
      throw CommandFailure(
        .usage, "there is no hub and no standard API '\(name)'",
        help: didYouMean(name, among: names).map { "did you mean '\($0)'?" })
    }
    if isTarget { throw UsageError("'--target' is for hubs", help: "an API that writes has documents anyway") }
    return Place(owner: api, holder: api.spec.text("effect") == "execute" ? "document" : "record")
  }

  /// A file that was in canonical form stays in it.
  private func tidied(_ bytes: [UInt8], _ file: SourceFile) -> [UInt8] {
    guard case .unchanged = formatYAML(file, order: ResourceOrder.order),
      case .changed(let tidy) = formatYAML(
        SourceFile(id: file.id, path: file.path, bytes: bytes), order: ResourceOrder.order)
    else { return bytes }
    return tidy
  }

  private func write(
    _ schema: Value, at place: Place, _ workspace: Workspace, _ context: CommandContext
  ) throws -> String {
    let address = place.owner.address
    guard !place.owner.isFromCatalogue, let declared = workspace.declaration(address) else {
      throw CommandFailure(
        .findings, "\(address) is in a catalogue, which other projects may use too",
        help: "name a hub, whose own \(place.holder == "record" ? "source" : "target").schema is written then")
    }
    let file = workspace.sources[declared.spec.span.file]
    guard let bytes = SchemaEdit(schema, in: file, spec: declared.spec, holder: place.holder).edited() else {
      throw CommandFailure(
        .findings, "'\(file.path)' is written in a way that the schema cannot be put into",
        help: "leave out --write, and put it there by hand")
    }
    do throws(FileProblem) {
      try FileAccess.replace(context.surroundings.absolute(file.path), file.bytes, by: tidied(bytes, file))
    } catch {
      throw CommandFailure(.findings, "'\(file.path)' cannot be written: \(error)")
    }
    return file.path
  }
}
