import Declarations
import Diagnostics
import Resolving
import Values

/// `datahub graph`: a picture of the project's hubs.
struct GraphCommand: Command {
  /// How the picture is written.
  enum Format: String, CaseIterable {
    case mermaid
    case dot
    case svg
  }

  static let form = CommandForm(
    name: "graph", summary: "Draw which connectors the project's hubs read from and write to.",
    arguments: [.rest("HUB", "Only these hubs.")],
    options: [
      .value(
        "format", "FORMAT", "Mermaid for Markdown, dot for Graphviz, or a picture.", default: "mermaid",
        choices: Format.allCases.map(\.rawValue)),
      .value("out", short: "o", "FILE", "Write to a file instead of the output."),
    ],
    examples: [
      .init("datahub graph", "Mermaid, as README files show it."),
      .init("datahub graph --format svg -o hubs.svg", "A picture."),
    ])

  private let hubs: [String]
  private let format: Format
  private let path: String?

  init(_ arguments: Arguments) {
    hubs = arguments.arguments("HUB")
    format = arguments.value("format").flatMap { Format(rawValue: $0) } ?? .mermaid
    path = arguments.value("out")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let loaded = Workspace.load(context.diskFiles, root: context.shownProject)
    guard let workspace = loaded.value, workspace.project != nil else {
      throw CommandFailure(.findings, "the project cannot be read", help: "run datahub validate to see every finding")
    }
    for name in hubs { _ = try findResource("hub", name, context) }
    let graph = HubGraph(workspace.all(.hub).filter { hubs.isEmpty || hubs.contains($0.name) }, workspace)
    let text =
      switch format {
      case .mermaid: graph.mermaid
      case .dot: graph.dot
      case .svg: graph.svg
      }
    guard let path else {
      context.console.output(text)
      return .done
    }
    do throws(FileProblem) {
      try FileAccess.write(Array(text.utf8), to: context.surroundings.absolute(path))
    } catch {
      throw CommandFailure(.findings, "the picture cannot be written: \(error)")
    }
    context.console.note("\(counted(graph.flows.count, "hub")) drawn: \(path)")
    return .done
  }
}

/// Hubs with the connectors at their ends, in the order of their names.
struct HubGraph {
  /// One hub.
  struct Flow {
    /// The connector it reads from; of a hub that is fed by another one, that hub.
    let source: String
    let isFedByHub: Bool
    /// The hub for each of whose records it asks.
    let parents: String?
    let hub: String
    let target: String
    let sourceAPI: String
    let targetAPI: String
  }

  let flows: [Flow]
  private let labels: [String: String]

  init(_ hubs: [Declaration], _ workspace: Workspace) {
    flows = hubs.map { hub in
      func text(_ side: String, _ key: String) -> String { hub.spec.child(side)?.text(key) ?? "?" }
      let upstream = hub.spec.child("source")?.text("hub")
      return Flow(
        source: upstream ?? text("source", "connector"), isFedByHub: upstream != nil,
        parents: hub.spec.child("source", "parents")?.text("hub"), hub: hub.name,
        target: text("target", "connector"), sourceAPI: upstream == nil ? text("source", "api") : "delivered",
        targetAPI: text("target", "api"))
    }
    var labels: [String: String] = [:]
    for hub in workspace.all(.hub) { labels["hub " + hub.name] = hub.title ?? hub.name }
    for connector in workspace.all(.connector) {
      labels["connector " + connector.name] = connector.title ?? connector.name
    }
    self.labels = labels
  }

  private func hubLabel(_ name: String) -> String { labels["hub " + name] ?? name }
  private func connectorLabel(_ name: String) -> String { labels["connector " + name] ?? name }
  private func sourceLabel(_ flow: Flow) -> String {
    flow.isFedByHub ? hubLabel(flow.source) : connectorLabel(flow.source)
  }

  private var connectors: [String] {
    Set(flows.flatMap { $0.isFedByHub ? [$0.target] : [$0.source, $0.target] }).sorted()
  }

  /// The hubs that are drawn: those that were asked for, and those that feed them.
  private var hubs: [String] {
    var names = flows.map(\.hub)
    for name in flows.flatMap({ [$0.isFedByHub ? $0.source : nil, $0.parents] }).compactMap(\.self)
    where !names.contains(name) {
      names.append(name)
    }
    return names
  }

  /// A flowchart in Mermaid's form.
  var mermaid: String {
    var text = "flowchart LR\n"
    let numbers = Dictionary(uniqueKeysWithValues: connectors.enumerated().map { ($1, $0) })
    for (index, name) in connectors.enumerated() { text += "  c\(index)[(\"\(quoted(connectorLabel(name)))\")]\n" }
    let places = Dictionary(hubs.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (index, name) in hubs.enumerated().dropFirst(flows.count) {
      text += "  h\(index)[\"\(quoted(hubLabel(name)))\"]\n"
    }
    for (index, flow) in flows.enumerated() {
      text += "  h\(index)[\"\(quoted(hubLabel(flow.hub)))\"]\n"
      let source = flow.isFedByHub ? "h\(places[flow.source] ?? 0)" : "c\(numbers[flow.source] ?? 0)"
      text += "  \(source) -->|\"\(quoted(flow.sourceAPI))\"| h\(index)\n"
      if let parents = flow.parents { text += "  h\(places[parents] ?? 0) -.->|\"parents\"| h\(index)\n" }
      text += "  h\(index) -->|\"\(quoted(flow.targetAPI))\"| c\(numbers[flow.target] ?? 0)\n"
    }
    return text
  }

  /// Mermaid's texts are HTML with `#` before the names of characters.
  private func quoted(_ text: String) -> String {
    printable(text).replacing("#", with: "#35;").replacing("\"", with: "#quot;").replacing("<", with: "#lt;")
      .replacing(">", with: "#gt;")
  }

  /// A digraph in Graphviz's form.
  var dot: String {
    var text = "digraph hubs {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n"
    for name in connectors {
      text += "  \(id("connector", name)) [shape=cylinder, label=\(string(connectorLabel(name)))];\n"
    }
    for name in hubs.dropFirst(flows.count) {
      text += "  \(id("hub", name)) [shape=box, label=\(string(hubLabel(name)))];\n"
    }
    for flow in flows {
      let hub = id("hub", flow.hub)
      text += "  \(hub) [shape=box, label=\(string(hubLabel(flow.hub)))];\n"
      text +=
        "  \(id(flow.isFedByHub ? "hub" : "connector", flow.source)) -> \(hub) [label=\(string(flow.sourceAPI))];\n"
      if let parents = flow.parents {
        text += "  \(id("hub", parents)) -> \(hub) [label=\"parents\", style=dashed];\n"
      }
      text += "  \(hub) -> \(id("connector", flow.target)) [label=\(string(flow.targetAPI))];\n"
    }
    return text + "}\n"
  }

  private func id(_ kind: String, _ name: String) -> String { string("\(kind) \(name)") }

  private func string(_ text: String) -> String {
    "\"" + printable(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  /// A picture: a line for each hub, from its source on the left to its target on the right.
  var svg: String {
    let row = 64
    let widest =
      flows.flatMap { [sourceLabel($0), hubLabel($0.hub), connectorLabel($0.target)] }
      .map { displayWidth($0) }.max() ?? 0
    let box = max(120, widest * 9 + 24)
    let gap = max(120, (flows.flatMap { [$0.sourceAPI, $0.targetAPI] }.map { displayWidth($0) }.max() ?? 0) * 7 + 24)
    let width = 3 * box + 2 * gap + 40
    let height = max(1, flows.count) * row + 40
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(height)" viewBox="0 0 \(width) \(height)" \
      font-family="sans-serif">
      <title>Hubs</title>
      <rect width="100%" height="100%" fill="#ffffff"/>

      """
    for (index, flow) in flows.enumerated() {
      let y = 20 + index * row
      let left = (20, 20 + box + gap, 20 + 2 * (box + gap))
      text += "<g><title>\(xmlEscaped(flow.hub)): \(xmlEscaped(flow.source)) to \(xmlEscaped(flow.target))</title>\n"
      text += svgBox(left.0, y, box, sourceLabel(flow), flow.isFedByHub ? "#fdf3d8" : "#e8eef7")
      text += svgArrow(left.0 + box, left.1, y, flow.sourceAPI)
      text += svgBox(left.1, y, box, hubLabel(flow.hub), "#fdf3d8")
      text += svgArrow(left.1 + box, left.2, y, flow.targetAPI)
      text += svgBox(left.2, y, box, connectorLabel(flow.target), "#e8eef7") + "</g>\n"
    }
    return text + "</svg>\n"
  }

  private func svgBox(_ x: Int, _ y: Int, _ width: Int, _ label: String, _ fill: String) -> String {
    """
    <rect x="\(x)" y="\(y)" width="\(width)" height="40" rx="6" fill="\(fill)" stroke="#46546b"/>
    <text x="\(x + width / 2)" y="\(y + 25)" font-size="15" text-anchor="middle" fill="#111111">\(xmlEscaped(label))</text>

    """
  }

  private func svgArrow(_ from: Int, _ to: Int, _ y: Int, _ label: String) -> String {
    """
    <path d="M\(from) \(y + 20)H\(to - 8)" stroke="#46546b"/>
    <path d="M\(to - 8) \(y + 15)l8 5l-8 5z" fill="#46546b"/>
    <text x="\((from + to) / 2)" y="\(y + 14)" font-size="12" text-anchor="middle" fill="#46546b">\(xmlEscaped(label))</text>

    """
  }
}
