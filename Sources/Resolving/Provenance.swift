public import Declarations
public import SourceText
public import YAMLSyntax

/// A place that says something about a field of a resource.
public struct Origin: Sendable {
  /// What the place does.
  public enum Effect: Sendable {
    /// It sets the field, or a part of the map it is.
    case sets(YAMLNode)
    /// It removes the field with null.
    case removes
    /// It gives what the field stands in another value, in which the field is not.
    case replaces(path: String)
  }

  /// The resource that says it.
  public let owner: Declaration.Address
  /// Where.
  public let span: SourceSpan
  /// What.
  public let effect: Effect
}

extension Workspace {
  /// What sets a field, the effective place first, then what it overrides.
  ///
  /// For a hub these are its own file, what it extends, the project's defaults and, in its mapping, the shared one.
  ///
  /// - Parameter path: the keys on the way; an item of a list by its number.
  public func origins(of address: Declaration.Address, path: [String]) -> [Origin] {
    layers(of: address, path).flatMap { layer in
      origin(layer.owner, layer.tree, layer.path).map { [$0] } ?? []
    }
  }

  private typealias Layer = (owner: Declaration.Address, tree: YAMLNode, path: [String])

  private func layers(of address: Declaration.Address, _ path: [String]) -> [Layer] {
    var layers: [Layer] = chain(of: address).map { ($0.address, $0.spec, path) }
    guard address.kind == .hub else { return layers }
    if let project, let defaults = project.spec.child("defaults") { layers.append((project.address, defaults, path)) }
    if path.first == "mapping", let name = self[.hub, address.name]?.spec.text("fieldMapping") {
      layers += chain(of: Declaration.Address(.fieldMapping, name)).map { ($0.address, $0.spec, path) }
    }
    return layers
  }

  /// A resource and what it extends, nearest first.
  public func chain(of address: Declaration.Address) -> [Declaration] {
    var chain: [Declaration] = []
    var next: Declaration.Address? = address
    while let address = next, let found = declaration(address), !chain.contains(where: { $0.address == address }) {
      chain.append(found)
      next = found.extends.map { Declaration.Address(address.kind, $0.name) }
    }
    return chain
  }

  private func origin(_ owner: Declaration.Address, _ tree: YAMLNode, _ path: [String]) -> Origin? {
    var node = tree
    var span = tree.headSpan
    for (depth, key) in path.enumerated() {
      if let entry = node[key] {
        if entry.value.isNull { return Origin(owner: owner, span: entry.key.span, effect: .removes) }
        node = entry.value
        span = entry.key.span
      } else if let items = node.items, let index = Int(key), items.indices.contains(index) {
        node = items[index]
        span = node.headSpan
      } else if node.entries != nil {
        return nil
      } else {
        return Origin(owner: owner, span: span, effect: .replaces(path: path[..<depth].joined(separator: ".")))
      }
    }
    return Origin(owner: owner, span: span, effect: .sets(node))
  }
}
