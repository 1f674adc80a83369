/// What may become of a thing, as data: one row for each move, and nothing that is not in a row.
///
/// A machine is a value: it decides, and changes nothing. `docs/state-machine.md` is written from it, a test walks every pair of
/// a state and an event, and a store checks every change it makes against it.
public struct StateMachine<State: MachineState, Event: MachineEvent>: Sendable {
  /// One event and what it makes of the states it can meet.
  public struct Move: Sendable {
    /// What happens.
    public let event: Event
    /// In which states it may.
    public let from: [State]
    /// The state afterwards.
    public let to: State

    /// A move of its parts.
    public init(_ event: Event, from: [State], to: State) {
      self.event = event
      self.from = from
      self.to = to
    }
  }

  /// The states a thing may begin in.
  public let initial: [State]
  /// Every move there is.
  public let moves: [Move]
  private let next: [[State?]]

  /// A machine of its moves; of one event each state has one next state.
  public init(initial: [State], _ moves: [Move]) {
    self.initial = initial
    self.moves = moves
    var next = Array(repeating: [State?](repeating: nil, count: Event.allCases.count), count: State.allCases.count)
    for move in moves {
      for state in move.from {
        precondition(
          next[state.place][move.event.place] == nil, "\(state) has two states after \(move.event)")
        next[state.place][move.event.place] = move.to
      }
    }
    self.next = next
  }

  /// The state after an event.
  ///
  /// - Throws: ``IllegalMove`` where the event cannot happen in this state.
  public func state(after event: Event, in state: State) throws(IllegalMove) -> State {
    guard let next = next[state.place][event.place] else { throw IllegalMove(state: state.name, event: "\(event)") }
    return next
  }

  /// The states a state may turn into by any one event.
  public func successors(of state: State) -> Set<State> { Set(next[state.place].compactMap(\.self)) }
}

/// A state of a ``StateMachine``.
public protocol MachineState: Hashable, CaseIterable, Sendable {
  /// The state's name, as commands show it.
  var name: String { get }
  /// What it means, in a sentence.
  var meaning: String { get }
}

/// An event of a ``StateMachine``.
public protocol MachineEvent: Hashable, CaseIterable, Sendable {
  /// What happens, in a sentence.
  var meaning: String { get }
}

extension CaseIterable where Self: Hashable {
  /// The place in the list of all cases.
  fileprivate var place: Int {
    var place = 0
    for other in Self.allCases {
      if other == self { return place }
      place += 1
    }
    return place
  }
}

/// Something that cannot happen in the state a thing is in.
public struct IllegalMove: Error, Sendable, Equatable, CustomStringConvertible {
  /// The state's name.
  public let state: String
  /// The event's name.
  public let event: String

  /// A move of its parts.
  public init(state: String, event: String) {
    self.state = state
    self.event = event
  }

  /// What is wrong, in words.
  public var description: String { "what is \(state) cannot be \(event)" }
}
