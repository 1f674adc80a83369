import Diagnostics

/// Writes a file in canonical form.
struct YAMLPrinter {
  /// What a list or mapping in brackets may fill.
  static let width = 120
  /// libyaml reads no longer key without a `?` before it.
  private static let longestKey = 1000

  private var text = ""
  /// Whether the last thing written is a block that counts the line ends behind it.
  private var isKeeping = false

  /// Returns a file in canonical form.
  static func text(of file: WrittenFile) -> String {
    var printer = YAMLPrinter()
    for (index, document) in file.documents.enumerated() {
      printer.write(document, isFirst: index == 0)
    }
    printer.put(file.comments, indentation: 0, isFirst: true)
    return printer.text
  }

  private mutating func write(_ document: WrittenDocument, isFirst: Bool) {
    var head = document.head
    let needsMarker = !isFirst || !document.directives.isEmpty || document.root == nil
    if needsMarker {
      if !isFirst, !document.directives.isEmpty { put("...") }
      for directive in document.directives { put(directive) }
      put("---", behind: document.marker)
    } else {
      head.insert(contentsOf: document.marker.map { WrittenComment(text: $0, isApart: false) }, at: 0)
    }
    put(head, indentation: 0, isFirst: true)
    if let root = document.root {
      if !head.isEmpty, document.isHeadApart { putEmptyLine() }
      write(root)
    }
    put(document.footer, indentation: 0, isFirst: document.root == nil && head.isEmpty)
  }

  private mutating func write(_ root: WrittenItem) {
    put(root.above, indentation: 0, isFirst: true)
    put(root.value, of: root, lead: "", indentation: 0, inside: 0)
    put(root.below, indentation: 0, isFirst: false)
  }

  // MARK: - Lines

  private mutating func put(_ line: String) {
    text += line
    text += "\n"
    isKeeping = false
  }

  /// Writes a line with comments at its end; further comments go on below the first.
  private mutating func put(_ line: String, behind comments: [String]) {
    guard let first = comments.first else { return put(line) }
    put(line.isEmpty ? first : "\(line) \(first)")
    guard comments.count > 1 else { return }
    let indentation = String(repeating: " ", count: line.isEmpty ? 0 : CharacterWidth.columns(of: line) + 1)
    for comment in comments.dropFirst() { put(indentation + comment) }
  }

  private mutating func putEmptyLine() {
    // It would become part of the text.
    if !isKeeping { text += "\n" }
  }

  private mutating func put(_ comments: [WrittenComment], indentation: Int, isFirst: Bool) {
    let margin = String(repeating: " ", count: indentation)
    for (index, comment) in comments.enumerated() {
      if comment.isApart, !(isFirst && index == 0) { putEmptyLine() }
      put(margin + comment.text)
    }
  }

  // MARK: - Blocks

  /// Writes the entries of a block.
  ///
  /// - Parameter lead: what stands before the first of them instead of its indentation.
  private mutating func putBlock(_ node: WrittenNode, indentation: Int, lead: String? = nil) {
    put(node.opening, indentation: indentation, isFirst: true)
    if !node.opening.isEmpty { putEmptyLine() }
    for (index, item) in (node.items ?? []).enumerated() {
      put(item, indentation: indentation, isFirst: index == 0, lead: index == 0 ? lead : nil)
    }
    put(node.ending, indentation: indentation, isFirst: false)
  }

  private mutating func put(_ item: WrittenItem, indentation: Int, isFirst: Bool, lead: String?) {
    let margin = lead ?? String(repeating: " ", count: indentation)
    var above = item.above
    if item.key == nil { above += hoist(from: item.value, column: indentation + 2) }
    if !isFirst, above.first?.isApart ?? item.isApart { putEmptyLine() }
    put(above, indentation: indentation, isFirst: true)
    if !item.above.isEmpty, item.isApart { putEmptyLine() }
    if let key = item.key {
      var header = key.header
      let name = self.line(key, inFlow: false)
      if name.utf8.count > Self.longestKey {
        put(margin + "? " + name, behind: header)
        header = []
        put(item.value, of: item, lead: String(repeating: " ", count: indentation) + ":", indentation: indentation)
      } else {
        item.value.header.insert(contentsOf: header, at: 0)
        let colon = if case .alias = key.content { " :" } else { ":" }
        put(item.value, of: item, lead: margin + name + colon, indentation: indentation)
      }
    } else {
      put(item.value, of: item, lead: margin + "-", indentation: indentation, isCompact: true)
    }
    // A comment that is indented as the lines of a block would be one of them.
    put(item.below, indentation: item.value.isBlockScalar ? indentation : indentation + 2, isFirst: false)
  }

  /// Takes the comments above the first entry of a block that starts on the line of its dash: they go above the dash.
  private func hoist(from node: WrittenNode, column: Int) -> [WrittenComment] {
    guard isCompactBlock(node, column: column), let first = node.items?.first else { return [] }
    var comments = node.opening + first.above
    node.opening = []
    first.above = []
    if first.key == nil { comments += hoist(from: first.value, column: column + 2) }
    return comments.enumerated().map { index, comment in
      WrittenComment(text: comment.text, isApart: comment.isApart && index > 0)
    }
  }

  private func isCompactBlock(_ node: WrittenNode, column: Int) -> Bool {
    guard let items = node.items, !items.isEmpty, node.properties.isEmpty, node.header.isEmpty else { return false }
    return !node.isFlow || inline(node, column: column) == nil
  }

  /// Writes a value behind its key or dash.
  ///
  /// - Parameter inside: where the entries of a block stand; two columns further in where nothing is said.
  private mutating func put(
    _ node: WrittenNode, of item: WrittenItem, lead: String, indentation: Int, inside: Int? = nil,
    isCompact: Bool = false
  ) {
    var comments = node.header + item.behind
    let inside = inside ?? indentation + 2
    switch node.content {
    case .alias(let name): put(joined(lead, "*" + name), behind: comments)
    case .scalar(let scalar): put(scalar, node.properties, lead: lead, inside: max(inside, 2), comments)
    case .sequence(let items), .mapping(let items):
      let column = lead.isEmpty ? 0 : CharacterWidth.columns(of: lead) + 1
      if items.isEmpty && node.ending.isEmpty || node.isFlow, let line = inline(node, column: column) {
        return put(joined(lead, line), behind: comments)
      }
      if items.isEmpty {
        // Brackets with nothing but comments in them.
        let brackets = if case .mapping = node.content { "{}" } else { "[]" }
        let line = joined(lead, (node.properties + [brackets]).joined(separator: " "))
        return put(line, behind: comments + node.ending.map(\.text))
      }
      if isCompact, node.properties.isEmpty, comments.isEmpty {
        return putBlock(node, indentation: inside, lead: lead + " ")
      }
      let line = joined(lead, node.properties.joined(separator: " "))
      if !comments.isEmpty, !line.isEmpty, CharacterWidth.columns(of: line) + 1 == inside {
        // The comments of the first entry stand right below them.
        comments += takeFirstComments(of: node)
      }
      if !line.isEmpty || !comments.isEmpty { put(line, behind: comments) }
      putBlock(node, indentation: inside)
    }
  }

  private func takeFirstComments(of node: WrittenNode) -> [String] {
    let first = node.items?.first
    defer {
      node.opening = []
      first?.above = []
    }
    return (node.opening + (first?.above ?? [])).map(\.text)
  }

  private func joined(_ lead: String, _ rest: String) -> String {
    lead.isEmpty || rest.isEmpty ? lead + rest : "\(lead) \(rest)"
  }

  private mutating func put(
    _ scalar: WrittenScalar, _ properties: [String], lead: String, inside: Int, _ comments: [String]
  ) {
    let lead = joined(lead, properties.joined(separator: " "))
    let margin = String(repeating: " ", count: inside)
    if let block = scalar.block {
      put(joined(lead, block.header), behind: comments)
      for line in block.lines { put(line.isEmpty ? "" : margin + line) }
      isKeeping = scalar.keepsLineEnds
      return
    }
    let line = joined(lead, scalar.line(inFlow: false, keepsQuotes: hasTag(properties)))
    guard let kept = scalar.keptLines, !scalar.mayJoin || CharacterWidth.columns(of: line) > Self.width else {
      return put(line, behind: comments)
    }
    put(joined(lead, kept[0]))
    for line in kept.dropFirst().dropLast() { put(line.isEmpty ? "" : margin + line) }
    put(margin + kept[kept.count - 1], behind: comments)
  }

  private func hasTag(_ properties: [String]) -> Bool { properties.contains { $0.hasPrefix("!") } }

  private func line(_ node: WrittenNode, inFlow: Bool) -> String {
    switch node.content {
    case .alias(let name): return "*" + name
    case .scalar(let scalar):
      let line = scalar.line(inFlow: inFlow, keepsQuotes: hasTag(node.properties))
      return (node.properties + (line.isEmpty ? [] : [line])).joined(separator: " ")
    case .sequence, .mapping: return ""
    }
  }

  // MARK: - Brackets

  /// A list or mapping on one line; nothing where it does not fit behind a column, or has comments.
  private func inline(_ node: WrittenNode, column: Int) -> String? {
    var room = Self.width - column
    guard node.opening.isEmpty, node.ending.isEmpty else { return nil }
    return inline(node, room: &room)
  }

  private func inline(_ node: WrittenNode, room: inout Int) -> String? {
    guard node.ending.isEmpty, node.opening.isEmpty else { return nil }
    var parts = node.properties
    switch node.content {
    case .alias, .scalar:
      let line = line(node, inFlow: true)
      room -= CharacterWidth.columns(of: line)
      return room >= 0 ? line : nil
    case .sequence(let items), .mapping(let items):
      var inner: [String] = []
      let isMapping = if case .mapping = node.content { true } else { false }
      room -= isMapping && !items.isEmpty ? 4 : 2
      room -= node.properties.reduce(0) { $0 + $1.utf8.count + 1 }
      room -= max(0, items.count - 1) * 2
      guard room >= 0 else { return nil }
      for item in items {
        guard let part = inline(item, room: &room) else { return nil }
        inner.append(part)
      }
      let list = inner.joined(separator: ", ")
      parts.append(isMapping ? items.isEmpty ? "{}" : "{ \(list) }" : "[\(list)]")
      return parts.joined(separator: " ")
    }
  }

  private func inline(_ item: WrittenItem, room: inout Int) -> String? {
    guard item.above.isEmpty, item.behind.isEmpty, item.below.isEmpty, item.value.header.isEmpty else { return nil }
    guard let key = item.key else {
      guard let value = inline(item.value, room: &room) else { return nil }
      return endsWithName(item.value) ? value + " " : value
    }
    guard key.header.isEmpty, let name = inline(key, room: &room) else { return nil }
    if case .scalar(let scalar) = item.value.content, scalar.text.isEmpty, scalar.style == .plain,
      item.value.properties.isEmpty
    {
      return endsWithName(key) ? name + " " : name
    }
    room -= 2
    guard let value = inline(item.value, room: &room) else { return nil }
    return name + (endsWithName(key) ? " : " : ": ") + value + (endsWithName(item.value) ? " " : "")
  }

  /// Whether it ends with an alias, an anchor or a tag: strict readers take a comma or colon behind it for part of the name.
  private func endsWithName(_ node: WrittenNode) -> Bool {
    switch node.content {
    case .alias: true
    case .scalar(let scalar): scalar.text.isEmpty && scalar.style == .plain && !node.properties.isEmpty
    case .sequence, .mapping: false
    }
  }
}
