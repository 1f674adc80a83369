/// In which order the keys of a tree are to stand; made from the specification of the fields.
public indirect enum KeyOrder: Sendable {
  /// As they are written: the user has chosen the keys.
  case asWritten
  /// The named keys in this order, each with the order inside its value; other keys behind them, as they are written.
  case fields([(key: String, inside: KeyOrder)])
  /// As they are written, with an order inside each value.
  case values(KeyOrder)
  /// An order inside each item of a list.
  case items(KeyOrder)
}

extension KeyOrder {
  /// Puts the keys of a tree in order.
  func apply(to node: WrittenNode) {
    switch (self, node.content) {
    case (.fields(let fields), .mapping(let entries)):
      let places = Dictionary(fields.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
      for entry in entries {
        if let place = entry.keyText.flatMap({ places[$0] }) { fields[place].inside.apply(to: entry.value) }
      }
      let ranks = entries.map { entry in entry.keyText.flatMap { places[$0] } ?? fields.count }
      let order = ranks.indices.sorted { (ranks[$0], $0) < (ranks[$1], $1) }
      if order.elementsEqual(ranks.indices) || !AnchorUse.allows(order, of: entries) { return }
      node.content = .mapping(order.map { entries[$0] })
    case (.values(let inside), .mapping(let entries)):
      for entry in entries { inside.apply(to: entry.value) }
    case (.items(let inside), .sequence(let items)):
      for item in items { inside.apply(to: item.value) }
    default: break
    }
  }
}

/// The anchors an entry sets and the aliases it uses: an alias stands for the last anchor of its name before it.
private struct AnchorUse {
  var anchors: Set<String> = []
  var aliases: Set<String> = []

  /// Whether entries may change their order without an alias standing for something else.
  static func allows(_ order: [Int], of entries: [WrittenItem]) -> Bool {
    let uses = entries.map { entry in
      var use = AnchorUse()
      if let key = entry.key { use.add(key) }
      use.add(entry.value)
      return use
    }
    guard uses.contains(where: { !$0.anchors.isEmpty }) else { return true }
    for (place, later) in order.enumerated() {
      for earlier in order[place...] where earlier < later {
        let (a, b) = (uses[earlier], uses[later])
        let meets =
          !a.anchors.isDisjoint(with: b.aliases) || !a.anchors.isDisjoint(with: b.anchors)
          || !a.aliases.isDisjoint(with: b.anchors)
        if meets { return false }
      }
    }
    return true
  }

  private mutating func add(_ node: WrittenNode) {
    for property in node.properties where property.hasPrefix("&") { anchors.insert(String(property.dropFirst())) }
    switch node.content {
    case .alias(let name): aliases.insert(name)
    case .scalar: break
    case .sequence(let items), .mapping(let items):
      for item in items {
        if let key = item.key { add(key) }
        add(item.value)
      }
    }
  }
}
