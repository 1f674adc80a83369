import Checking
import Diagnostics
import SourceText
import Values

/// How much of each hub could be checked, written for people and for programs.
struct CoverageView {
  /// How many hubs are told one by one.
  private static let maximumLines = 10

  private let hubs: [HubCoverage]

  init(_ hubs: [HubCoverage]) { self.hubs = hubs }

  /// Whether all of every hub is checked.
  var isComplete: Bool { hubs.allSatisfy(\.isComplete) }

  /// A line for each hub that is not checked as a whole.
  var lines: [String] {
    let incomplete = hubs.filter { !$0.isComplete }
    var lines = incomplete.prefix(Self.maximumLines).map { line(of: $0) }
    if incomplete.count > Self.maximumLines {
      lines.append("and \(counted(incomplete.count - Self.maximumLines, "more hub")); --unchecked shows them all")
    }
    return lines
  }

  private func line(of hub: HubCoverage) -> String {
    var parts: [String] = []
    if !hub.uncheckedExpressions.isEmpty {
      parts.append("\(hub.uncheckedExpressions.count) of \(counted(hub.expressions, "expression"))")
    }
    if !hub.uncheckedFields.isEmpty {
      parts.append("\(hub.uncheckedFields.count) of \(counted(hub.fields, "target field"))")
    }
    var names: [String] = []
    for name in hub.withoutSchema.map(\.api) where !names.contains(name) { names.append(name) }
    let reason = names.isEmpty ? "--unchecked shows where" : "no schema for \(names.joined(separator: ", "))"
    return "hub \(printable(hub.hub)): \(parts.joined(separator: " and ")) unchecked: \(printable(reason))"
  }

  /// A note for each place that is not checked.
  var notes: Diagnostics { Diagnostics(hubs.flatMap { notes(of: $0) }) }

  private func notes(of hub: HubCoverage) -> [Diagnostic] {
    var notes = hub.withoutSchema.map { api, span, _ in
      Diagnostic(
        .unchecked, "'\(api)' does not say what its records or documents are like", at: span,
        help: "write a schema, or let datahub infer \(hub.hub) SAMPLES.jsonl learn one")
    }
    notes += hub.uncheckedExpressions.map { gap in
      Diagnostic(.unchecked, "'\(gap.text)' is not checked: \(gap.reason)", at: gap.span)
    }
    // What is not known of an expression is told there, and what is known of no field is told of the API.
    let told = hub.uncheckedExpressions.map(\.span)
    notes += hub.uncheckedFields.filter { gap in
      !hub.withoutSchema.contains { $0.isDocument }
        && !told.contains { $0.file == gap.span.file && gap.span.range.overlaps($0.range) }
    }.map { gap in
      Diagnostic(.unchecked, "target field '\(gap.text)' is not compared: \(gap.reason)", at: gap.span)
    }
    return notes
  }

  /// The numbers of each hub.
  var json: Value {
    .list(
      hubs.map { hub in
        [
          "hub": .string(hub.hub), "expressions": .int(Int64(hub.expressions)),
          "uncheckedExpressions": .int(Int64(hub.uncheckedExpressions.count)), "fields": .int(Int64(hub.fields)),
          "uncheckedFields": .list(hub.uncheckedFields.map { .string($0.text) }),
          "withoutSchema": .list(hub.withoutSchema.map { .string($0.api) }),
        ]
      })
  }
}
