import Digests
import Synchronization
import Values

/// The access tokens the stand-in ERP has given out.
///
/// They live in memory: after a restart of the server every client has to ask for a new one, as after an upgrade at the
/// vendor's.
final class ERPTokens: Sendable {
  private let ends = Mutex<[String: Timestamp]>([:])
  private let life: Duration
  private let now: StandInClock

  init(life: Duration, clock: @escaping StandInClock) {
    self.life = life
    now = clock
  }

  var lifeInSeconds: Int64 { life.components.seconds }

  /// A new token.
  func issue() -> String {
    let token = hex(randomBytes(24))
    let time = now()
    let end = time + TimeSpan(seconds: lifeInSeconds)
    ends.withLock { ends in
      if ends.count >= 1_000 { ends = ends.filter { $0.value > time } }
      ends[token] = end
    }
    return token
  }

  /// True where the header of a request carries a token that has not ended.
  func accepts(_ authorization: String?) -> Bool {
    guard let authorization, authorization.hasPrefix("Bearer ") else { return false }
    let token = String(authorization.dropFirst(7))
    guard let end = ends.withLock({ $0[token] }) else { return false }
    return now() < end
  }

  /// Ends all tokens at once.
  func revokeAll() { ends.withLock { $0 = [:] } }
}
