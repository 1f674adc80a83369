/// The ways from variables to fields, each kept once, so that one is a number and the longest is compared at once.
final class FieldPaths {
  /// A variable, or a field of a path.
  private struct Step: Hashable {
    let parent: Int?
    let name: String
  }

  private var steps: [Step] = []
  private var known: [Step: Int] = [:]

  /// The path of a variable; a loop's variable is `#` and its number.
  func variable(_ name: String) -> Int { path(Step(parent: nil, name: name)) }

  /// The path of a field of what a path leads to.
  func field(_ name: String, of parent: Int) -> Int { path(Step(parent: parent, name: name)) }

  /// What a path leads to a field of; nil for that of a variable.
  func parent(of path: Int) -> Int? { steps[path].parent }

  /// The field that a path leads to.
  func name(of path: Int) -> String { steps[path].name }

  /// All names on the way, the variable first.
  func names(on path: Int) -> [String] {
    var names: [String] = []
    var next: Int? = path
    while let current = next {
      names.append(steps[current].name)
      next = steps[current].parent
    }
    return names.reversed()
  }

  private func path(_ step: Step) -> Int {
    if let path = known[step] { return path }
    known[step] = steps.count
    steps.append(step)
    return steps.count - 1
  }
}
