import CLibMongoC

/// What a database said against a command, or why it could not be asked.
public struct MongoError: Error, Sendable, CustomStringConvertible {
  /// The kinds of failure that callers tell apart.
  public enum Kind: Sendable, Hashable {
    /// The address cannot be used; the message says why.
    case address
    /// No server that takes writes was found, or it could not be talked to.
    case unreachable
    /// The server does not know us, or does not allow it.
    case unauthorized
    /// A unique index has the value already.
    case duplicateKey
    /// The server said something else.
    case refused
    /// A value that cannot be sent, or an answer that cannot be read.
    case form
    /// The pool was closed.
    case closed
  }

  /// The kind.
  public let kind: Kind
  /// The server's code; 0 where it is not the server that speaks.
  public let code: Int
  /// What happened, in words.
  public let description: String
  /// What the server or the library says about repeating: `TransientTransactionError`, ...
  public let labels: Set<String>
  /// True where the command may have been carried out although it failed: only reading tells.
  public let isOutcomeUnknown: Bool

  init(
    _ kind: Kind, code: Int = 0, _ description: String, labels: Set<String> = [], isOutcomeUnknown: Bool = false
  ) {
    self.kind = kind
    self.code = code
    self.description = description
    self.labels = labels
    self.isOutcomeUnknown = isOutcomeUnknown
  }

  /// True where a transaction was undone as a whole and may be made again.
  var isTransient: Bool { labels.contains("TransientTransactionError") || isConflict }
  /// True where another's transaction has the same documents; nothing was changed.
  var isConflict: Bool { code == 112 }
  /// True where nobody knows whether a transaction was committed; committing again is harmless.
  var isCommitUnknown: Bool { labels.contains("UnknownTransactionCommitResult") }
}

extension MongoError {
  /// The one place where the library's errors are read.
  ///
  /// - Parameter reply: what the server answered, with its labels; empty where it did not.
  init(_ error: bson_error_t, _ reply: BSONDocument?, isWrite: Bool = false) {
    var error = error
    let message = String(cString: datahub_bson_error_message(&error))
    let labels = reply?.texts("errorLabels") ?? []
    let isFromServer = error.domain == MONGOC_ERROR_SERVER.rawValue || error.domain == MONGOC_ERROR_QUERY.rawValue
    let isWriteConcern = error.domain == MONGOC_ERROR_WRITE_CONCERN.rawValue || reply?.has("writeConcernError") == true
    let code = Int(error.code)
    let kind: Kind =
      if isFromServer {
        MongoError.kind(ofServerCode: code)
      } else if [MONGOC_ERROR_SERVER_SELECTION, MONGOC_ERROR_STREAM].contains(where: { $0.rawValue == error.domain }) {
        .unreachable
      } else if error.domain == MONGOC_ERROR_CLIENT.rawValue {
        error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE.rawValue ? .unauthorized : .unreachable
      } else if isWriteConcern {
        .unreachable
      } else {
        .refused
      }
    // A stream that broke, a write that too few servers confirmed in time, a server that stepped down under it.
    let isUnknown =
      error.domain == MONGOC_ERROR_STREAM.rawValue || isWriteConcern || labels.contains("RetryableWriteError")
    self.init(
      kind, code: isFromServer ? code : 0, message, labels: labels, isOutcomeUnknown: isWrite && isUnknown)
  }

  /// The kind of one of the errors that an answer lists.
  init(listed error: BSONDocument, _ labels: Set<String>) {
    let code = error.int("code") ?? 0
    self.init(
      MongoError.kind(ofServerCode: code), code: code, error.text("errmsg") ?? "no reason given", labels: labels)
  }

  private static func kind(ofServerCode code: Int) -> Kind {
    switch code {
    case 11000, 11001, 12582: .duplicateKey
    case 13, 18: .unauthorized
    // Not the primary, shutting down, stepped down, too slow: somebody else, or later, can.
    case 6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 50, 64, 202, 251: .unreachable
    default: .refused
    }
  }
}
