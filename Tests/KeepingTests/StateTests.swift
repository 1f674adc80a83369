import FoundationEssentials
import Keeping
import Testing

@Suite("States")
struct StateTests {
  /// Every legal move; a pair of a state and an event that is not here must be refused.
  static let recordMoves = """
    pending: revised=pending revisedAndHeld=held revisedAndBroken=failed deselected=filtered queued=queued refused=failed \
    lacking=waiting held=held vanished=pending vanishedInNumbers=held
    queued: unqueued=pending delivered=done rejected=failed sentBack=pending doubted=uncertain overtaken=pending \
    overtakenAndBroken=failed overtakenAndDeselected=filtered overtakenAndHeld=held withdrawn=held \
    voided=filtered
    done: revised=pending revisedAndHeld=held revisedAndIgnored=done revisedAndBroken=failed deselected=filtered \
    sentAnew=pending vanished=pending vanishedInNumbers=held
    failed: revised=pending revisedAndHeld=held revisedAndBroken=failed deselected=filtered retried=pending held=held \
    resumed=queued vanished=pending vanishedInNumbers=held
    waiting: revised=pending revisedAndHeld=held revisedAndBroken=failed deselected=filtered supplied=pending \
    retried=pending held=held vanished=pending vanishedInNumbers=held
    filtered: revised=pending revisedAndHeld=held revisedAndBroken=failed deselected=filtered selected=pending \
    vanished=pending vanishedInNumbers=held
    held: revisedAndHeld=held released=pending resumed=queued
    uncertain: overtaken=pending overtakenAndBroken=failed overtakenAndDeselected=filtered overtakenAndHeld=held \
    confirmed=done confirmedInPart=pending confirmedVoided=filtered denied=pending
    """

  static let taskMoves = """
    ready: claimed=running abandoned=cancelled cancelled=cancelled putOff=retrying
    running: finished=done setBack=retrying exhausted=dead doubted=uncertain givenBack=ready stopped=cancelled
    done:
    retrying: claimed=running abandoned=cancelled cancelled=cancelled retried=ready
    dead: retried=ready
    cancelled: retried=ready
    uncertain: resolved=done
    """

  static let deploymentMoves = """
    proposed: deployed=inForce outdated=refused
    inForce: succeeded=replaced
    replaced:
    refused:
    """

  @Test("a record moves exactly as the table says, and every other move is refused")
  func records() throws { try check(Self.recordMoves, RecordState.machine) }

  @Test("a task moves exactly as the table says, and every other move is refused")
  func tasks() throws { try check(Self.taskMoves, TaskState.machine) }

  @Test("a deployment moves exactly as the table says, and every other move is refused")
  func deployments() throws { try check(Self.deploymentMoves, DeploymentState.machine) }

  @Test("a task that is final is only run again by a person's hand")
  func finalStates() {
    #expect(TaskState.allCases.filter(\.isFinal) == [.done, .dead, .cancelled, .uncertain])
    for state in TaskState.allCases where state.isFinal { #expect(!state.successors.contains(.running)) }
  }

  @Test("what may follow a state is what its moves lead to")
  func successors() {
    #expect(RecordState.uncertain.successors == [.done, .pending, .failed, .filtered, .held])
    #expect(TaskState.ready.successors == [.running, .cancelled, .retrying])
    #expect(TaskState.done.successors.isEmpty)
  }

  private func check<State, Event>(_ table: String, _ machine: StateMachine<State, Event>) throws {
    let rows = table.split(separator: "\n").map { $0.split(separator: ":", omittingEmptySubsequences: false) }
    #expect(rows.map { String($0[0]) } == State.allCases.map(\.name))
    for (row, state) in zip(rows, State.allCases) {
      let moves = Dictionary(
        uniqueKeysWithValues: row[1].split(separator: " ").map { move in
          let parts = move.split(separator: "=")
          return (String(parts[0]), String(parts[1]))
        })
      for event in Event.allCases {
        if let next = moves["\(event)"] {
          #expect(try machine.state(after: event, in: state).name == next, "\(state.name) \(event)")
        } else {
          let error = #expect(throws: IllegalMove.self) { try machine.state(after: event, in: state) }
          #expect(error?.description == "what is \(state.name) cannot be \(event)")
        }
      }
      #expect(moves.keys.allSatisfy { name in Event.allCases.contains { "\($0)" == name } })
    }
  }
}

@Suite("Generated: the page of the states")
struct GeneratedStatePageTests {
  @Test("docs/state-machine.md is what the machines say")
  func page() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/state-machine.md")
    let text = StatePage.text
    if ProcessInfo.processInfo.environment["DATAHUB_UPDATE_DOCS"] == "1" {
      try text.write(to: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOf: path, encoding: .utf8) == text)
  }
}
