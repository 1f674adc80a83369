public import Values

/// How many calls of a connector may be made in a span of time; what a platform says it takes.
public struct CallLimit: Sendable, Hashable, Codable {
  /// How many.
  public var requests: Int
  /// In how many milliseconds, wherever they begin.
  public var milliseconds: Int64

  /// A limit of its parts.
  public init(requests: Int, milliseconds: Int64) {
    self.requests = requests
    self.milliseconds = milliseconds
  }
}

/// What is known of a connector's system by all who speak to it.
public struct GateState: Sendable, Hashable {
  /// How often the system was left alone since a call went well, as it did not answer.
  public var pauses: Int
  /// Until when it is left alone for that; nil while it is spoken to.
  public var openUntil: Timestamp?
  /// Until when the system itself asked to be left alone.
  public var closedUntil: Timestamp?

  /// A state of its parts.
  public init(pauses: Int = 0, openUntil: Timestamp? = nil, closedUntil: Timestamp? = nil) {
    self.pauses = pauses
    self.openUntil = openUntil
    self.closedUntil = closedUntil
  }
}

/// What workers of all processes share of a connector: the calls it may still make, and whether its system answers.
public protocol GateStore: Sendable {
  /// Books one call of a connector, so that no span of a limit's length ever holds more calls than the limit has.
  ///
  /// - Parameters:
  ///   - deadline: a call that may only be made later is not booked.
  /// - Returns: when the call may be made; later than the deadline where it was not booked.
  func bookCall(connector: String, limits: [CallLimit], now: Timestamp, deadline: Timestamp) async throws -> Timestamp
  /// Keeps that a system told to be left alone until a moment; calls are not booked before it.
  func closeGate(connector: String, until: Timestamp, now: Timestamp) async throws
  /// What is known of a connector's system; nothing where nothing is kept.
  func gate(connector: String) async throws -> GateState
  /// Keeps until when a connector's system is left alone, where that is still as it was read.
  ///
  /// - Returns: false where another changed it meanwhile, and nothing was changed.
  func changeGate(connector: String, from old: GateState, to new: GateState) async throws -> Bool
}
