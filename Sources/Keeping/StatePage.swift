/// `docs/state-machine.md`, written from the machines.
public enum StatePage {
  /// The whole page.
  public static var text: String {
    """
    # States

    <!-- Written by `DATAHUB_UPDATE_DOCS=1 swift test --filter Generated` from Sources/Keeping. Do not edit. -->

    What may become of a record, of a queue task and of a plan: each move stands in a row, and there is no other. The same tables
    decide in the code (`RecordState.machine`, `TaskState.machine`, `DeploymentState.machine`), a test walks every pair of a state and
    an event, and a store that is about to make another move undoes its transaction.

    ## Records

    \(section(RecordState.machine))

    ## Queue tasks

    \(section(TaskState.machine))

    ## Deployments

    \(section(DeploymentState.machine))

    """
  }

  private static func section<State, Event>(_ machine: StateMachine<State, Event>) -> String {
    let states = State.allCases.map { state in
      "| `\(state.name)` | \(machine.initial.contains(state) ? "yes" : "") | \(state.meaning) |"
    }
    let moves = machine.moves.map { move in
      "| \(move.event) | \(move.from.map { "`\($0.name)`" }.joined(separator: ", ")) | `\(move.to.name)` | \(move.event.meaning) |"
    }
    let head = "| state | first | meaning |\n|---|---|---|\n"
    return head + states.joined(separator: "\n") + "\n\n| event | in | then | what happens |\n|---|---|---|---|\n"
      + moves.joined(separator: "\n")
  }
}
