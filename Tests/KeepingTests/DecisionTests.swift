import Keeping
import Testing
import Values

@Suite("What a person may do")
struct DecisionTests {
  /// What each change comes to in each state; a state that is not here must be refused.
  static let records: [(change: RecordChange, allowed: [RecordState: RecordDecision])] = [
    (.retry, [.failed: .move(to: .pending, revision: 7), .waiting: .move(to: .pending, revision: 7)]),
    (
      .sendAnew,
      [
        .failed: .move(to: .pending, revision: 7), .waiting: .move(to: .pending, revision: 7),
        .done: .move(to: .pending, revision: 8),
      ]
    ),
    (.release, [.held: .move(to: .pending, revision: 7)]),
    (
      .hold,
      [
        .pending: .move(to: .held, revision: 7), .failed: .move(to: .held, revision: 7),
        .waiting: .move(to: .held, revision: 7),
      ]
    ),
    (.arrived(id: "T-1"), [.uncertain: .resolve(task: 3, arrived: true, targetID: "T-1")]),
    (.notArrived, [.uncertain: .resolve(task: 3, arrived: false, targetID: nil)]),
    (.purge(byForce: false), [.done: .purge, .filtered: .purge, .failed: .purge]),
    (
      .purge(byForce: true),
      [
        .done: .purge, .filtered: .purge, .failed: .purge, .pending: .purge, .waiting: .purge, .held: .purge,
        .uncertain: .purge,
      ]
    ),
  ]

  static let tasks: [(change: TaskChange, allowed: Set<TaskState>)] = [
    (.front, [.ready, .retrying]), (.retry(atEnd: false), [.retrying, .dead, .cancelled]),
    (.cancel(rendersAnew: false), [.ready, .retrying, .running]), (.arrived(id: "T-1"), [.uncertain]),
    (.notArrived, [.uncertain]), (.prune, [.done, .dead, .cancelled]),
  ]

  private func record(_ state: RecordState, _ failure: String? = nil, isBegun: Bool = false) -> RecordStanding {
    RecordStanding(
      id: 1, key: "1001", state: state, revision: 7, task: 3,
      failure: failure.map { Failure(kind: $0, message: "no", at: Timestamp(milliseconds: 0)) }, isBegun: isBegun)
  }

  @Test(
    "is decided for every state of a record, and refused in words that name the state or say what to do",
    arguments: records.indices)
  func recordStates(_ place: Int) {
    let (change, allowed) = Self.records[place]
    for state in RecordState.allCases {
      let decision = change.decision(on: record(state))
      if let expected = allowed[state] {
        #expect(decision == expected, "\(change) of one that is \(state.name)")
      } else if case .refuse(let reason) = decision {
        #expect(reason.contains(state.name) || reason.contains("datahub ") || reason.contains("--again"))
      } else {
        Issue.record("\(change) of one that is \(state.name): \(decision)")
      }
    }
  }

  @Test("gives a record the target refused another revision, unless the target has some of this one")
  func refusedRevisions() {
    #expect(RecordChange.retry.decision(on: record(.failed, "rejected")) == .move(to: .pending, revision: 8))
    #expect(RecordChange.retry.decision(on: record(.failed, "alreadyExists")) == .move(to: .pending, revision: 8))
    #expect(RecordChange.retry.decision(on: record(.failed, "unreachable")) == .move(to: .pending, revision: 7))
    #expect(
      RecordChange.retry.decision(on: record(.failed, "rejected", isBegun: true)) == .move(to: .pending, revision: 7))
  }

  @Test("is decided for every state of a task", arguments: tasks.indices)
  func taskStates(_ place: Int) {
    let (change, allowed) = Self.tasks[place]
    for state in TaskState.allCases {
      let reason = change.refusal(in: state, records: 1)
      #expect(
        (reason == nil) == allowed.contains(state), "\(change) of one that is \(state.name): \(reason ?? "allowed")")
      if let reason { #expect(reason.hasPrefix("it is \(state.name)")) }
    }
  }

  @Test("says of a write of several records that one of them is to be named, where the target's name is given")
  func severalRecords() {
    #expect(
      TaskChange.arrived(id: "T-1").refusal(in: .uncertain, records: 2)?.contains("datahub record resolve") == true)
    #expect(TaskChange.arrived(id: nil).refusal(in: .uncertain, records: 2) == nil)
  }

  @Test("edits nothing that is running, uncertain or done")
  func edits() {
    let refused = TaskState.allCases.filter { TaskChange.refusalOfEdit(in: $0) != nil }
    #expect(Set(refused) == [.running, .uncertain, .done])
  }
}
