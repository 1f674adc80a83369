public import Expressions

/// Where an expression stands, which decides what it may name.
///
/// The compiler checks expressions against a scope and workers evaluate them in it; both ask here, so they cannot disagree.
public enum ExpressionScope: String, Sendable, CaseIterable {
  /// A parameter of a connector: only `secret()` and `env()`.
  case connectorParameter
  /// The base URL and basic authentication: `connector`.
  case connector
  /// What every request of a platform carries: `connector`, `request`, `with`, `now`.
  case platformRequest
  /// A signature: `connector`, `request`, `now`.
  case signing
  /// The request for a token: `connector`, `now`.
  case tokenRequest
  /// What carries a token: `token`.
  case token
  /// A call: `connector`, `with`, `window`, `page`, `items`, `document`, `idempotencyKey`, `now`.
  case apiRequest
  /// What stands in a batch for one record: `document`, `idempotencyKey`, `delivered`, `with`.
  case item
  /// An answer: `response`.
  case response
  /// What follows a page: `response`, `page`, `records`.
  case paging
  /// The answer for one record of a batch: `result`, `index`.
  case result
  /// A source record: `record`.
  case record
  /// A mapping: `record`, `delivered`, `now`.
  case mapping

  /// The variables, in the order of their slots.
  public var variables: [String] {
    switch self {
    case .connectorParameter: []
    case .connector: ["connector"]
    case .platformRequest: ["connector", "request", "with", "now"]
    case .signing: ["connector", "request", "now"]
    case .tokenRequest: ["connector", "now"]
    case .token: ["token"]
    case .apiRequest: ["connector", "with", "window", "page", "items", "document", "idempotencyKey", "now"]
    case .item: ["document", "idempotencyKey", "delivered", "with"]
    case .response: ["response"]
    case .paging: ["response", "page", "records"]
    case .result: ["result", "index"]
    case .record: ["record"]
    case .mapping: ["record", "delivered", "now"]
    }
  }
}
