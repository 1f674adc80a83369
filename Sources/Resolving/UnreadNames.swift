/// The names of what could not be read: references to them are not wrong.
struct UnreadNames: Sendable {
  private var names: Set<String> = []
  /// Whether there is something of which not even the names are known, such as a folder.
  private var hasUnknown = false
  /// Whether all could be read.
  private(set) var isEmpty = true

  /// Whether a name may be one of them.
  func contains(_ name: String) -> Bool { hasUnknown || names.contains(name) }

  /// Adds the names that a file has of which some part could not be read.
  mutating func add(_ more: Set<String>) {
    names.formUnion(more)
    isEmpty = false
  }

  /// Adds what may have any name.
  mutating func addUnknown() {
    hasUnknown = true
    isEmpty = false
  }
}
