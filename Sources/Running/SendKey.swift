import Digests
import Keeping
import Plans

/// The idempotency keys of writes.
enum SendKey {
  /// The same for every attempt to send one revision of a record, and for nothing else.
  ///
  /// 160 bits of SHA-256 over hub, target, operation, record and revision, as 32 letters and digits of base32: some
  /// platforms take no longer keys (YonSuite's `resubmitCheckKey` has at most 32).
  static func text(of hub: HubPlan, record key: String, revision: Int64) -> String {
    let target = hub.target
    let parts = [hub.name, target.connector, target.api.name, key, String(revision)]
    var bytes: [UInt8] = []
    for part in parts {
      bytes += part.utf8
      bytes.append(0)
    }
    return base32(HashFunction.sha256.digest(bytes).prefix(20))
  }
}
