public import Expressions
import Values

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
  /// A call: `connector`, `with`, `window`, `page`, `items`, `document`, `idempotencyKey`, `now`; of a write of one record, what
  /// the target knows of it, `delivered`; of a lookup, `key` and `keys`.
  case apiRequest
  /// The call for one record of a list: `connector`, `with`, `record`, `now`.
  case detail
  /// What stands in a batch for one record: `document`, `idempotencyKey`, `delivered`, `with`.
  case item
  /// The parameters of a lookup: `key`, `keys`, `with`.
  case lookup
  /// An answer: `response`.
  case response
  /// What follows a page: `response`, `page`, `records`.
  case paging
  /// The answer for one record of a batch: `result`, `index`.
  case result
  /// A source record: `record`.
  case record
  /// A mapping: `record`, `delivered`, `now`; of a hub that groups records, `records` and `group`.
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
    case .apiRequest:
      ["connector", "with", "window", "page", "items", "document", "idempotencyKey", "now", "delivered", "key", "keys"]
    case .detail: ["connector", "with", "record", "now"]
    case .lookup: ["key", "keys", "with"]
    case .item: ["document", "idempotencyKey", "delivered", "with"]
    case .response: ["response"]
    case .paging: ["response", "page", "records"]
    case .result: ["result", "index"]
    case .record: ["record"]
    case .mapping: ["record", "delivered", "now", "records", "group"]
    }
  }
}

extension ExpressionScope {
  /// What an expression may name here; `secret()` and `env()` have no values before a worker gives them one.
  public var environment: ExpressionEnvironment {
    if self == .connectorParameter { return ExpressionScope.uninformed }
    if self == .mapping { return ExpressionScope.uninformedMapping }
    return ExpressionScope.environments[self] ?? .standard
  }

  /// The environment of connector parameters, with what reads secrets and environment variables.
  ///
  /// - Parameter secret: gives the secret a reference such as `env:NAME` stands for.
  /// - Parameter variable: gives an environment variable, nil where it is not set.
  public static func parameterEnvironment(
    secret: @escaping @Sendable (String) throws -> String, variable: @escaping @Sendable (String) throws -> String?
  ) -> ExpressionEnvironment {
    ExpressionEnvironment.standard
      .adding(
        function: "secret", arity: 1...1, signatures: ["secret(string) -> string"],
        summary: "The secret a reference stands for; never shown, never stored.",
        example: #"secret("env:ERP_SECRET")"#
      ) { arguments in
        guard let reference = arguments[0].stringValue else {
          throw EvaluationError(.noSuchOverload, "secret() takes a text", help: #"write secret("env:NAME")"#)
        }
        return .string(try secret(reference))
      }
      .adding(
        function: "env", arity: 1...2, signatures: ["env(string) -> string", "env(string, string) -> string"],
        summary: "An environment variable of the worker, or the second text where it is not set.",
        example: #"env("SHOP_URL", "https://shop.example.com")"#
      ) { arguments in
        guard let name = arguments[0].stringValue else {
          throw EvaluationError(.noSuchOverload, "env() takes a text", help: #"write env("NAME")"#)
        }
        if let value = try variable(name) { return .string(value) }
        if arguments.count == 2 { return arguments[1] }
        throw EvaluationError(
          .invalidArgument, "the environment variable \(name) is not set",
          help: #"set it, or give a default: env("\#(name)", "...")"#)
      }
  }

  private static let uninformed = parameterEnvironment(
    secret: { _ in throw EvaluationError(.invalidArgument, "secrets are only read where a connector is used") },
    variable: { _ in nil })

  private static let uninformedMapping = mappingEnvironment(
    .unavailable { EvaluationError(.missingValue, "nothing answers \($0)() here") })

  private static let environments = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, ExpressionEnvironment.standard.adding(variables: $0.variables)) })
}
