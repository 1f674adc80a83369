import Keeping
import SQLiteKit

/// What a transaction changes in a hub's own row: the sequence of positions, and how many records and tasks are in
/// each state.
///
/// It is added up in memory and written once.
final class HubTally {
  let hub: Int64
  private let connection: Connection
  private var first: Int64?
  private var taken: Int64 = 0
  private var records = SIMD8<Int64>()
  private var tasks = (SIMD8<Int64>(), SIMD8<Int64>())
  private var lastError: String?
  private var illegalMove: IllegalMove?

  init(hub: Int64, connection: Connection) {
    self.hub = hub
    self.connection = connection
  }

  /// The position ``takePosition()`` would give.
  func upcomingPosition() throws -> Int64 {
    if let first { return first + taken + 1 }
    let find = try connection.prepare("SELECT sequence FROM hubs WHERE id = ?1")
    find.bind(1, hub)
    guard try find.step() else { throw StoreError.damaged("there is no hub of number \(hub)") }
    let found = find.int64(0)
    find.reset()
    first = found
    return found + taken + 1
  }

  /// A place behind all others of the hub; records and tasks share the sequence.
  func takePosition() throws -> Int64 {
    let position = try upcomingPosition()
    taken += 1
    return position
  }

  /// Counts a record that moved from one state to another; nil for one that was not there.
  func countRecord(from old: RecordState?, to new: RecordState) {
    check(old, new, isLegal: Self.recordMoves)
    if let old { records[old.rawValue] -= 1 }
    records[new.rawValue] += 1
  }

  /// Counts a record that is removed.
  func forgetRecord(in state: RecordState) { records[state.rawValue] -= 1 }

  /// Notes what went wrong, as it is kept beside a record or a task.
  func noteError(_ failure: String) { lastError = failure }

  /// Counts tasks that moved from one state to another; nil for ones that were not there.
  func countTasks(_ side: Side, _ count: Int = 1, from old: TaskState?, to new: TaskState) {
    if count == 0 { return }
    check(old, new, isLegal: Self.taskMoves)
    switch side {
    case .source:
      if let old { tasks.0[old.rawValue] -= Int64(count) }
      tasks.0[new.rawValue] += Int64(count)
    case .target:
      if let old { tasks.1[old.rawValue] -= Int64(count) }
      tasks.1[new.rawValue] += Int64(count)
    }
  }

  /// Takes back the counting of a task that is not kept after all.
  func forgetTask(_ side: Side, in state: TaskState) {
    switch side {
    case .source: tasks.0[state.rawValue] -= 1
    case .target: tasks.1[state.rawValue] -= 1
    }
  }

  /// Writes the changes, where there are any.
  ///
  /// - Throws: where a record or task made a move that its machine does not have: a defect, of which nothing is kept.
  func save() throws {
    if let illegalMove {
      throw StoreError(.damaged, "nothing was changed, as \(illegalMove): please report this defect")
    }
    guard taken > 0 || records != .zero || tasks.0 != .zero || tasks.1 != .zero || lastError != nil else { return }
    let add = try connection.prepare(HubTally.addSQL)
    add.bind(1, hub)
    add.bind(2, taken)
    var parameter = 3
    for state in 0..<RecordState.allCases.count {
      add.bind(parameter, records[state])
      parameter += 1
    }
    for changes in [tasks.0, tasks.1] {
      for state in 0..<TaskState.allCases.count {
        add.bind(parameter, changes[state])
        parameter += 1
      }
    }
    add.bind(parameter, lastError)
    try add.run()
  }

  // MARK: - The machines

  private func check<State: MachineState & RawRepresentable<Int>>(_ old: State?, _ new: State, isLegal moves: [UInt16])
  {
    // The last row is for what was not there before.
    guard moves[old?.rawValue ?? moves.count - 1] >> new.rawValue & 1 == 0, illegalMove == nil else { return }
    illegalMove = IllegalMove(state: old?.name ?? "not there", event: "made \(new.name)")
  }

  /// For each state the states that may follow it, as bits: looked at for every record, so made once.
  private static let recordMoves = moves(of: RecordState.machine)
  private static let taskMoves = moves(of: TaskState.machine)

  private static func moves<State: MachineState & RawRepresentable<Int>, Event>(
    of machine: StateMachine<State, Event>
  ) -> [UInt16] {
    func bits(_ states: some Sequence<State>) -> UInt16 { states.reduce(0) { $0 | 1 << $1.rawValue } }
    return State.allCases.map { bits(machine.successors(of: $0)) } + [bits(machine.initial)]
  }

  /// The names of the columns that count, in the order they are bound and read.
  static let columns =
    RecordState.allCases.map { "records_\($0.rawValue)" }
    + TaskState.allCases.map { "source_\($0.rawValue)" }
    + TaskState.allCases.map { "target_\($0.rawValue)" }

  private static let addSQL = {
    let sums = columns.enumerated().map { place, name in "\(name) = \(name) + ?\(place + 3)" }
    return """
      UPDATE hubs SET sequence = sequence + ?2, \(sums.joined(separator: ", ")),
        last_error = coalesce(?\(columns.count + 3), last_error) WHERE id = ?1
      """
  }()
}
