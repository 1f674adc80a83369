import Keeping

/// Refuses what the machines of ``Keeping`` do not have: a defect, of which nothing is kept.
///
/// Where many documents change at once, the states they may change from stand in the filter instead.
enum Moves {
  /// Checks the move of a record.
  ///
  /// - Parameter old: nil for one that was not there.
  static func check(_ old: RecordState?, to new: RecordState) throws {
    let states = old.map { records[$0.rawValue] } ?? RecordState.machine.initial
    if !states.contains(new) { throw illegal(old?.name, new.name) }
  }

  /// Checks the move of a task.
  static func check(_ old: TaskState, to new: TaskState) throws {
    if !tasks[old.rawValue].contains(new) { throw illegal(old.name, new.name) }
  }

  /// For each state the states that may follow it: looked at for every record, so made once.
  private static let records = RecordState.allCases.map { Array($0.successors) }
  private static let tasks = TaskState.allCases.map { Array($0.successors) }

  private static func illegal(_ old: String?, _ new: String) -> StoreError {
    let move = IllegalMove(state: old ?? "not there", event: "made \(new)")
    return StoreError(.damaged, "nothing was changed, as \(move): please report this defect")
  }
}
