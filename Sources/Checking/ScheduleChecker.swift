import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Checks when a hub runs: what it runs after, and whether its policies go together.
func checkScheduling(_ hub: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let trigger = hub.trigger { _ = follow(trigger, .hub, workspace, &diagnostics) }
  if let circle = checkCircle(from: hub, workspace) { diagnostics.append(circle) }
  guard let scheduling = hub.spec.child("scheduling") else { return diagnostics }
  let misfire = scheduling.text("misfire") ?? "latest"
  if misfire == "all", scheduling.text("overlap") != "queue", let node = scheduling.child("misfire") {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit,
        "with 'misfire: all' one missed run follows the other, and 'overlap: skip' would pass them over",
        at: node.span, help: "write overlap: queue beside it, or misfire: latest"))
  }
  if misfire == "skip", let catchUp = scheduling["catchUp"] {
    diagnostics.append(
      Diagnostic(
        .fieldsDoNotFit,
        "'catchUp' says how far back missed times are made up for, and 'misfire: skip' makes up for none",
        at: catchUp.key.span, help: "remove 'catchUp', or write misfire: latest or all"))
  }
  return diagnostics
}

/// Goes from hub to hub, to those that must have run before; reports a circle once, at the hub of it whose name comes first.
private func checkCircle(from hub: Declaration, _ workspace: Workspace) -> Diagnostic? {
  for first in hub.predecessors {
    guard let path = circle(through: first, backTo: hub, workspace) else { continue }
    guard path.allSatisfy({ $0 >= hub.name }) else { return nil }
    let words = (path + [hub.name]).map { "'\($0)'" }.joined(separator: " after ")
    return Diagnostic(
      .triggerCircle, "hubs wait for each other: \(words)", at: first.span,
      help: first.span == hub.upstream?.span ? "remove one 'hub' or 'after'" : "remove one 'after'")
  }
  return nil
}

/// The names of the hubs of a circle, from a hub on; nil where none leads back to it.
private func circle(through first: YAMLNode, backTo hub: Declaration, _ workspace: Workspace) -> [String]? {
  // A circle that the hub is not part of is reported with the hubs that are.
  var seen: Set<String> = []
  var open: [(name: String, path: [String])] = [(first.scalar?.text ?? "", [hub.name])]
  while let (name, path) = open.popLast() {
    if name == hub.name { return path }
    guard seen.insert(name).inserted, let next = workspace[.hub, name] else { continue }
    for predecessor in next.predecessors { open.append((predecessor.scalar?.text ?? "", path + [name])) }
  }
  return nil
}

extension Declaration {
  /// The name of the hub this one runs after.
  var trigger: YAMLNode? {
    guard let after = spec.child("source", "after"), !after.isNull else { return nil }
    return after.entries == nil ? after : after.child("hub")
  }
}
