import Declarations
import Diagnostics
import Expressions
import Resolving
import SourceText
import YAMLSyntax

/// Checks a source that is another hub.
///
/// That hubs feed each other in a circle is found where it is checked what they run after.
func checkUpstream(_ source: YAMLNode, _ workspace: Workspace, _ diagnostics: inout Diagnostics) {
  _ = follow(source.child("hub"), .hub, workspace, &diagnostics)
  for name in ["connector", "api", "parents", "environment", "with", "window", "remedy", "schema"] {
    guard let entry = source[name], !entry.value.isNull else { continue }
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit, "'\(name)' has no meaning for a source that is another hub", at: entry.key.span,
        secondary: source["hub"].map { [Label($0.key.span, "said here")] } ?? [],
        help: "remove it, or 'hub': its delivered records are read from the store, each once"))
  }
}

extension Declaration {
  /// Where the hub is named whose delivered records are this one's source.
  var upstream: YAMLNode? {
    guard let hub = spec.child("source", "hub"), !hub.isNull else { return nil }
    return hub
  }

  /// Where the hub is named whose delivered records this one's source is asked for.
  var parentHub: YAMLNode? {
    guard let hub = spec.child("source", "parents")?.child("hub"), !hub.isNull else { return nil }
    return hub
  }

  /// Where the hubs are named that must have run before this one: what it runs after, what feeds it, whose records it asks for.
  var predecessors: [YAMLNode] { [trigger, upstream, parentHub].compactMap(\.self) }
}

/// What a record is like that another hub delivered.
enum UpstreamType {
  /// The type of a record of which the other hub keeps such content.
  static func record(content: ExpressionType) -> ExpressionType {
    let target = RecordType(
      name: "what a hub's target knows of a record",
      [.init("id", .string.orNull), .init("revision", .int), .init("steps", .map(.string, .string.orNull))])
    return .record(
      RecordType(
        name: "a delivered record",
        [
          .init("key", .string), .init("number", .string.orNull), .init("content", content),
          .init("target", .record(target)),
        ]))
  }
}
