import Declarations
import Diagnostics
import Resolving
import YAMLSyntax

/// The kinds that are there for themselves.
///
/// A value mapping is asked for by name inside expressions, and may also be there for the operators alone.
private let roots: Set<ResourceKind> = [.project, .hub, .hubTest, .valueMapping]

/// Finds the project's own resources that nothing refers to; what catalogues hold may lie unused.
func findUnused(_ workspace: Workspace) -> Diagnostics {
  var used: Set<Declaration.Address> = []
  func use(_ kind: ResourceKind, _ name: String?) {
    if let name { used.insert(Declaration.Address(kind, name)) }
  }
  for resource in workspace.resources {
    if let parent = resource.extends { use(resource.kind, parent.name) }
    switch resource.kind {
    case .hub:
      for side in ["source", "target"] {
        use(.connector, resource.spec.child(side)?.text("connector"))
        use(.standardAPI, resource.spec.child(side)?.text("api"))
      }
      for name in callsBeside(resource.spec.child("target")) { use(.standardAPI, name) }
      use(.connector, resource.spec.child("writeBack")?.text("connector"))
      use(.standardAPI, resource.spec.child("writeBack")?.text("api"))
      use(.fieldMapping, resource.spec.text("fieldMapping"))
    case .fieldMapping:
      for side in ["source", "target"] { use(.standardAPI, resource.spec.text(side)) }
    case .standardAPI:
      use(.platform, resource.spec.text("platform"))
      for name in callsBeside(resource.spec) { use(.standardAPI, name) }
    case .connector: use(.platform, resource.spec.text("platform"))
    case .project, .platform, .valueMapping, .hubTest: break
    }
  }
  return Diagnostics(
    workspace.resources.lazy
      .filter { !$0.isFromCatalogue && !roots.contains($0.kind) && !used.contains($0.address) }
      .map { Diagnostic(.unusedResource, "nothing refers to \($0.address)", at: $0.nameSpan) })
}
