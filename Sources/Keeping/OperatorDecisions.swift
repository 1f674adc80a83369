public import Values

/// A record as an act of a person finds it.
public struct RecordStanding: Sendable {
  /// Its number in the hub's records.
  public let id: Int64
  /// What identifies it in its hub.
  public let key: String
  /// Its state.
  public let state: RecordState
  /// Its revision.
  public let revision: Int64
  /// The write it is in, or was last in.
  public let task: Int64?
  /// Why it is failed or held.
  public let failure: Failure?
  /// True where the target has this revision, or some of what it becomes: what failed came after that.
  public let isBegun: Bool

  /// A record of its parts.
  public init(
    id: Int64, key: String, state: RecordState, revision: Int64, task: Int64?, failure: Failure?, isBegun: Bool
  ) {
    self.id = id
    self.key = key
    self.state = state
    self.revision = revision
    self.task = task
    self.failure = failure
    self.isBegun = isBegun
  }

  /// What the audit log has of it.
  public var noted: Value {
    var fields: [(String, Value)] = [("state", .string(state.name)), ("revision", .int(revision))]
    if let failure { fields.append(("error", .string("\(failure.kind): \(failure.message)"))) }
    return .map(ValueMap(fields))
  }
}

/// What an act comes to for one record.
public enum RecordDecision: Sendable, Equatable {
  /// It moves to another state, with this revision.
  case move(to: RecordState, revision: Int64)
  /// An uncertain record of a write is settled.
  case resolve(task: Int64, arrived: Bool, targetID: String?)
  /// It goes, with its content.
  case purge
  /// It is left as it is, for this reason; what to do instead where there is something.
  case refuse(String)
}

extension RecordChange {
  /// What the change comes to for a record; the same in every store.
  public func decision(on record: RecordStanding) -> RecordDecision {
    let isInState = "it is \(record.state.name)"
    let isInWrite = "it is in \(record.task.map { "task \($0)" } ?? "a task"): see datahub task cancel"
    switch self {
    case .retry, .sendAnew:
      switch record.state {
      case .failed, .waiting: break
      case .done where self == .sendAnew: break
      case .done: return .refuse("the target has it: --again sends it anew")
      case .held: return .refuse("it is held: see datahub record release")
      case .uncertain: return .refuse("it is uncertain: see datahub record resolve")
      case .pending, .queued, .filtered: return .refuse(isInState)
      }
      // What the target refused it would refuse again under the same key; but what it took of this revision it has.
      let isRefused = !record.isBegun && ["rejected", "alreadyExists"].contains(record.failure?.kind)
      let isAnew = record.state == .done || isRefused
      return .move(to: .pending, revision: record.revision + (isAnew ? 1 : 0))
    case .release:
      guard record.state == .held else { return .refuse("\(isInState), not held") }
      return .move(to: .pending, revision: record.revision)
    case .hold:
      switch record.state {
      case .pending, .failed, .waiting: return .move(to: .held, revision: record.revision)
      case .queued: return .refuse(isInWrite)
      case .done, .filtered, .held, .uncertain: return .refuse(isInState)
      }
    case .arrived, .notArrived:
      guard record.state == .uncertain, let task = record.task else { return .refuse("\(isInState), not uncertain") }
      guard case .arrived(let targetID) = self else { return .resolve(task: task, arrived: false, targetID: nil) }
      return .resolve(task: task, arrived: true, targetID: targetID)
    case .purge(let byForce):
      switch record.state {
      case .done, .filtered, .failed: return .purge
      case .queued: return .refuse(isInWrite)
      case .pending, .waiting, .held, .uncertain:
        return byForce ? .purge : .refuse("\(isInState): --force removes it all the same")
      }
    }
  }
}

extension TaskChange {
  /// Why a task in a state is left as it is, and what to do instead; nil where the change can be tried.
  ///
  /// The same in every store.
  ///
  /// - Parameter records: how many records it carries.
  public func refusal(in state: TaskState, records: Int) -> String? {
    let isInState = "it is \(state.name)"
    switch self {
    case .front:
      if state == .ready || state == .retrying { return nil }
      return isInState + (state.isFinal ? ": see datahub task retry" : "")
    case .retry:
      switch state {
      case .retrying, .dead, .cancelled: return nil
      case .uncertain: return TaskChange.isUncertain
      case .ready, .running, .done: return isInState
      }
    case .cancel:
      switch state {
      case .ready, .retrying, .running: return nil
      case .uncertain: return "it is uncertain: resolve it, see datahub task resolve"
      case .done, .dead, .cancelled: return isInState
      }
    case .arrived(let targetID):
      if state != .uncertain { return "\(isInState), not uncertain" }
      if targetID == nil || records == 1 { return nil }
      return "it carries \(records) records: name the one, see datahub record resolve"
    case .notArrived:
      return state == .uncertain ? nil : "\(isInState), not uncertain"
    case .prune:
      return [.done, .dead, .cancelled].contains(state) ? nil : isInState
    }
  }

  /// Why a task in a state is not edited; nil where it can be.
  public static func refusalOfEdit(in state: TaskState) -> String? {
    switch state {
    case .ready, .retrying, .dead, .cancelled: nil
    case .uncertain: isUncertain
    case .running: "it is running: cancel it first, see datahub task cancel"
    case .done: "it is done"
    }
  }

  private static let isUncertain = "it is uncertain: resolve it first, see datahub task resolve"
}

extension Act {
  /// Why a record is held that a person keeps from being sent.
  public var holding: Failure {
    Failure(kind: "held", message: "\(by) holds it" + (reason.map { ": \($0)" } ?? ""), at: at)
  }

  /// Why the records of a write are held that a person cancels.
  public func cancelling(task: Int64, in state: TaskState) -> Failure {
    let why = reason.map { ": \($0)" } ?? ""
    let doubt = state == .retrying ? "; an attempt was made before, see datahub task show \(task)" : ""
    return Failure(kind: "cancelled", message: "\(by) cancelled its write\(why)\(doubt)", at: at)
  }
}
