import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// Gives every resource what it inherits: one rule for all kinds.
///
/// Maps merge, key by key; lists and scalars replace; `null` removes. Every leaf keeps the place it was written at, so a message
/// about an inherited value points to the file that says it.
struct Inheritance {
  private let declarations: [Declaration]
  private let places: [Declaration.Address: Int]
  private let unreadNames: UnreadNames
  private var resolved: [Int: YAMLNode] = [:]
  private var path: [Int] = []
  /// What inherits from something that is not there, so that what it lacks is nobody's mistake.
  private var incomplete: Set<Int> = []
  /// What a project says of all its hubs.
  private let defaults: YAMLNode?
  private(set) var diagnostics = Diagnostics()

  init(_ declarations: [Declaration], unreadNames: UnreadNames = UnreadNames()) {
    self.unreadNames = unreadNames
    self.declarations = declarations
    defaults = declarations.first { $0.kind == .project }?.spec.child("defaults")
    places = Dictionary(
      declarations.enumerated().map { ($1.address, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The resources with all they inherit, in their order; what must be there and is not has been reported.
  mutating func resolveAll() -> [Declaration] {
    declarations.indices.map { index in
      var declaration = declarations[index]
      declaration.spec = resolve(index)
      if declaration.kind == .hub { declaration.spec = complete(hub: declaration.spec) }
      declaration.isIncomplete = isIncomplete(index, declaration)
      if !declaration.isAbstract, !declaration.isIncomplete {
        diagnostics.append(
          contentsOf: checkRequired(declaration.spec, declaration.kind.spec, at: declaration.nameSpan))
      }
      return declaration
    }
  }

  /// Whether a resource, or the shared mapping of a hub, inherits from something that is not there.
  private func isIncomplete(_ index: Int, _ declaration: Declaration) -> Bool {
    if incomplete.contains(index) { return true }
    guard declaration.kind == .hub, let name = declaration.spec.text("fieldMapping"),
      let mapping = places[Declaration.Address(.fieldMapping, name)]
    else { return false }
    return incomplete.contains(mapping)
  }

  /// A hub over the project's defaults, its mapping over the shared one.
  private mutating func complete(hub spec: YAMLNode) -> YAMLNode {
    var result = defaults.map { merge($0, spec) } ?? spec
    guard let name = spec.text("fieldMapping"), let place = places[Declaration.Address(.fieldMapping, name)],
      let shared = resolve(place)["mapping"]
    else { return result }
    let own = YAMLNode(span: spec.span, content: .mapping([shared]))
    result = merge(own, result)
    return result
  }

  private mutating func resolve(_ index: Int) -> YAMLNode {
    if let done = resolved[index] { return done }
    let declaration = declarations[index]
    guard let extends = declaration.extends else {
      resolved[index] = declaration.spec
      return declaration.spec
    }
    if path.contains(index) {
      reportCycle(to: index)
      incomplete.formUnion(path)
      return declaration.spec
    }
    guard let parent = places[Declaration.Address(declaration.kind, extends.name)] else {
      reportUnknownParent(declaration, extends)
      incomplete.insert(index)
      resolved[index] = declaration.spec
      return declaration.spec
    }
    path.append(index)
    let merged = merge(resolve(parent), declaration.spec)
    path.removeLast()
    if incomplete.contains(parent) { incomplete.insert(index) }
    resolved[index] = merged
    return merged
  }

  private mutating func reportCycle(to index: Int) {
    let start = path.firstIndex(of: index) ?? 0
    let circle = path[start...].map { declarations[$0] }
    guard let first = circle.first, let place = first.extends?.span else { return }
    let names = (circle.map(\.name) + [first.name]).joined(separator: " -> ")
    diagnostics.append(
      Diagnostic(
        .inheritanceCycle, "\(first.address) inherits from itself: \(names)", at: place,
        secondary: circle.dropFirst().compactMap { other in other.extends.map { Label($0.span, "by way of this") } },
        help: "remove one 'extends' of the circle"))
  }

  private mutating func reportUnknownParent(_ declaration: Declaration, _ extends: (name: String, span: SourceSpan)) {
    if unreadNames.contains(extends.name) { return }
    let names = declarations.filter { $0.kind == declaration.kind }.map(\.name)
    diagnostics.append(
      Diagnostic(
        .unknownResource, "there is no \(declaration.kind.noun) '\(extends.name)' to inherit from", at: extends.span,
        help: didYouMean(extends.name, among: names).map { "did you mean '\($0)'?" },
        fixIt: .naming(extends.name, among: names, at: extends.span)))
  }
}

/// What a child says over what its parent says.
func merge(_ parent: YAMLNode, _ child: YAMLNode) -> YAMLNode {
  guard let inherited = parent.entries, let own = child.entries else { return child }
  var entries: [YAMLEntry] = []
  for entry in inherited {
    guard let replacement = own.first(where: { $0.keyText == entry.keyText }) else {
      entries.append(entry)
      continue
    }
    if replacement.value.isNull { continue }
    entries.append(YAMLEntry(key: replacement.key, value: merge(entry.value, replacement.value)))
  }
  let names = Set(inherited.map(\.keyText))
  entries += own.filter { !names.contains($0.keyText) && !$0.value.isNull }
  return YAMLNode(span: child.span, content: .mapping(entries))
}
