import Declarations
import Diagnostics
import Resolving
import SourceText
import YAMLSyntax

/// Checks when a hub runs: what it runs after, and whether its policies go together.
func checkScheduling(_ hub: Declaration, _ workspace: Workspace) -> Diagnostics {
  var diagnostics = Diagnostics()
  if let trigger = hub.trigger, follow(trigger, .hub, workspace, &diagnostics) != nil {
    diagnostics.append(contentsOf: checkCircle(from: hub, trigger, workspace))
  }
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

/// Follows the triggers from hub to hub; reports a circle once, at the hub of it whose name comes first.
private func checkCircle(from hub: Declaration, _ trigger: YAMLNode, _ workspace: Workspace) -> Diagnostics {
  var path = [hub.name]
  var next = trigger.scalar?.text
  while let name = next {
    if name == hub.name {
      guard path.allSatisfy({ $0 >= hub.name }) else { return Diagnostics() }
      let circle = (path + [hub.name]).map { "'\($0)'" }.joined(separator: " after ")
      return Diagnostics([
        Diagnostic(.triggerCircle, "hubs wait for each other: \(circle)", at: trigger.span, help: "remove one 'after'")
      ])
    }
    // A circle that the hub is not part of is reported with the hubs that are.
    guard !path.contains(name) else { return Diagnostics() }
    path.append(name)
    next = workspace[.hub, name]?.trigger?.scalar?.text
  }
  return Diagnostics()
}

extension Declaration {
  /// The name of the hub this one runs after.
  var trigger: YAMLNode? {
    guard let after = spec.child("source", "after"), !after.isNull else { return nil }
    return after.entries == nil ? after : after.child("hub")
  }
}
