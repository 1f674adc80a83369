/// One request while it is being received: what the library keeps for us between its callbacks.
///
/// Only the thread of its connection touches it.
final class Exchange {
  /// The target as the request line has it.
  let target: String
  /// True once the headers were seen.
  var hasBegun = false
  /// The body so far.
  var body: [UInt8] = []
  /// Bytes that were thrown away because the body is over the limit.
  var discarded = 0

  init(target: String) { self.target = target }

  /// Takes a piece of the body; false where the sender has gone so far over the limit that it is cut off.
  func receive(_ piece: UnsafeRawBufferPointer, limit: Int) -> Bool {
    if discarded == 0, body.count + piece.count <= limit {
      body.append(contentsOf: piece)
      return true
    }
    body = []
    discarded += piece.count
    return discarded <= limit + Exchange.patience
  }

  /// How much of a body over the limit is read and thrown away, so that its sender gets to read the refusal.
  static let patience = 4 << 20
}
