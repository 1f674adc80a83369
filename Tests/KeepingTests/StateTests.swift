import Keeping
import Testing

@Suite("States")
struct StateTests {
  /// Rows are where a record is, columns where it may go, both in the order of the raw values.
  static let recordMoves = """
              pending queued done failed waiting filtered held uncertain
    pending   .       x      .    x      x       x        x    .
    queued    x       .      x    x      .       x        .    x
    done      x       .      .    x      .       x        x    .
    failed    x       .      .    x      x       x        x    .
    waiting   x       .      .    x      x       x        x    .
    filtered  x       .      .    x      .       x        x    .
    held      x       .      .    x      x       x        x    .
    uncertain x       .      x    x      .       .        .    .
    """

  static let taskMoves = """
              ready running done retrying dead cancelled uncertain
    ready     .     x       .    .        .    x         .
    running   x     .       x    x        x    .         x
    done      .     .       .    .        .    .         .
    retrying  .     x       .    .        .    x         .
    dead      x     .       .    .        .    .         .
    cancelled x     .       .    .        .    .         .
    uncertain x     .       x    .        x    .         .
    """

  @Test("every move of a record is legal exactly where the table says so")
  func records() throws {
    try check(Self.recordMoves, RecordState.allCases.map(\.name)) { from, to in
      try #require(RecordState(name: from)).successors.contains(try #require(RecordState(name: to)))
    }
  }

  @Test("every move of a task is legal exactly where the table says so")
  func tasks() throws {
    try check(Self.taskMoves, TaskState.allCases.map(\.name)) { from, to in
      try #require(TaskState(name: from)).successors.contains(try #require(TaskState(name: to)))
    }
  }

  @Test("a task that is final only moves by a person's hand")
  func finalStates() {
    #expect(TaskState.allCases.filter(\.isFinal) == [.done, .dead, .cancelled, .uncertain])
    for state in TaskState.allCases where state.isFinal { #expect(!state.successors.contains(.running)) }
  }

  private func check(_ table: String, _ names: [String], _ isLegal: (String, String) throws -> Bool) throws {
    let rows = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    #expect(rows[0] == names && rows.dropFirst().map { $0[0] } == names)
    for row in rows.dropFirst() {
      for (name, mark) in zip(names, row.dropFirst()) {
        #expect(try isLegal(row[0], name) == (mark == "x"), "\(row[0]) to \(name)")
      }
    }
  }
}
