import Values

/// One change of a value at a path: `body.items[0].price=12.50`.
struct PathChange: Sendable {
  /// A step of a path: a name in a map, or a place in a list.
  enum Step: Sendable, Equatable {
    case name(String)
    case index(Int)
  }

  let text: String
  private let steps: [Step]
  private let value: Value

  /// Reads `PATH=VALUE`; a value that is no JSON is a text.
  init(_ text: String) throws(UsageError) {
    let help = "write a path and a value, such as body.items[0].price=12.50"
    guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
      throw UsageError("'\(text)' is not a value of '--set'", help: help)
    }
    self.text = String(text[..<sign])
    let written = String(text[text.index(after: sign)...])
    do throws(JSONError) {
      value = try Value(json: written)
    } catch {
      value = .string(written)
    }
    var steps: [Step] = []
    for part in self.text.split(separator: ".", omittingEmptySubsequences: false) {
      let pieces = part.split(separator: "[", omittingEmptySubsequences: false)
      guard let name = pieces.first, !name.isEmpty else { throw UsageError("'\(text)' has no path", help: help) }
      steps.append(.name(String(name)))
      for piece in pieces.dropFirst() {
        guard piece.last == "]", let index = Int(piece.dropLast()), index >= 0 else {
          throw UsageError("'\(part)' is not a step of a path", help: help)
        }
        steps.append(.index(index))
      }
    }
    self.steps = steps
  }

  /// The value with the change made.
  ///
  /// - Throws: where the path leads nowhere; only its last name may be new.
  func applied(to root: Value) throws -> Value { try applied(to: root, steps[...]) }

  private func applied(to root: Value, _ rest: ArraySlice<Step>) throws -> Value {
    guard let step = rest.first else { return value }
    switch (step, root) {
    case (.name(let name), .map(let map)):
      let key = MapKey.string(name)
      guard let old = map[key] else {
        guard rest.count == 1 else { throw nowhere(name) }
        return .map(ValueMap(map.entries.map { ($0.key, $0.value) } + [(key, value)]))
      }
      let new = try applied(to: old, rest.dropFirst())
      return .map(ValueMap(map.entries.map { ($0.key, $0.key == key ? new : $0.value) }))
    case (.index(let index), .list(var items)):
      guard items.indices.contains(index) else { throw nowhere("[\(index)]") }
      items[index] = try applied(to: items[index], rest.dropFirst())
      return .list(items)
    case (.name(let name), _): throw nowhere(name)
    case (.index(let index), _): throw nowhere("[\(index)]")
    }
  }

  private func nowhere(_ step: String) -> CommandFailure {
    CommandFailure(
      .findings, "'\(text)' leads nowhere: there is no '\(step)'; nothing was changed",
      help: "see what there is: datahub task show ID")
  }
}
