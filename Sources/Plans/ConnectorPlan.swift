public import Values

/// One connector of a plan: an account on a platform, and how that platform wants to be spoken to.
public struct ConnectorPlan: Codable, Sendable, Equatable {
  /// The connector's name.
  public var name: String
  /// The platform's name.
  public var platform: String
  /// The account's parameters; secrets only as references.
  public var parameters: [ParameterPlan]
  /// Where the platform's paths begin; a template.
  public var baseURL: String
  /// What every request carries.
  public var request: RequestPlan
  /// What is worked out over the finished request, in order.
  public var signing: [SigningStep]
  /// How the account proves itself.
  public var authentication: AuthenticationPlan
  /// How answers are judged, unless the API says otherwise.
  public var response: ResponsePlan
  /// How long establishing a connection may take.
  public var connectTimeoutMilliseconds: Int64
  /// How long a whole exchange may take.
  public var timeoutMilliseconds: Int64
  /// How large an answer may be.
  public var maximumResponseBytes: Int64
  /// Files for TLS, where the system's certificates do not do.
  public var tls: TLSPlan?
  /// The proxy requests go through.
  public var proxy: String?
  /// How many requests the platform takes in a span of time; all hubs and workers together keep to them.
  public var limits: [LimitPlan]?
  /// When the platform is left alone for a while, where that is not as usual.
  public var circuit: CircuitPlan?

  /// A connector of its parts.
  public init(
    name: String, platform: String, parameters: [ParameterPlan], baseURL: String, request: RequestPlan,
    signing: [SigningStep], authentication: AuthenticationPlan, response: ResponsePlan,
    connectTimeoutMilliseconds: Int64, timeoutMilliseconds: Int64, maximumResponseBytes: Int64, tls: TLSPlan?,
    proxy: String?, limits: [LimitPlan]? = nil, circuit: CircuitPlan? = nil
  ) {
    self.name = name
    self.platform = platform
    self.parameters = parameters
    self.baseURL = baseURL
    self.request = request
    self.signing = signing
    self.authentication = authentication
    self.response = response
    self.connectTimeoutMilliseconds = connectTimeoutMilliseconds
    self.timeoutMilliseconds = timeoutMilliseconds
    self.maximumResponseBytes = maximumResponseBytes
    self.tls = tls
    self.proxy = proxy
    self.limits = limits
    self.circuit = circuit
  }
}

/// How many requests a platform takes in a span of time.
public struct LimitPlan: Codable, Sendable, Equatable {
  /// How many.
  public var requests: Int
  /// In how long a span, wherever it begins.
  public var perMilliseconds: Int64

  /// A limit of its parts.
  public init(requests: Int, perMilliseconds: Int64) {
    self.requests = requests
    self.perMilliseconds = perMilliseconds
  }
}

/// When a platform that does not answer is left alone, and for how long.
public struct CircuitPlan: Codable, Sendable, Equatable {
  /// After how many calls in a row that found nobody, or of which nobody knows what became.
  public var failures: Int
  /// For how long at first; twice as long each further time.
  public var pauseMilliseconds: Int64
  /// For how long at most.
  public var maximumPauseMilliseconds: Int64

  /// What holds where nothing is declared.
  public static let usual = CircuitPlan(failures: 10, pauseMilliseconds: 10_000, maximumPauseMilliseconds: 300_000)

  /// A circuit of its parts.
  public init(failures: Int, pauseMilliseconds: Int64, maximumPauseMilliseconds: Int64) {
    self.failures = failures
    self.pauseMilliseconds = pauseMilliseconds
    self.maximumPauseMilliseconds = maximumPauseMilliseconds
  }
}

/// One parameter of a connector.
public struct ParameterPlan: Codable, Sendable, Equatable {
  /// The parameter's name.
  public var name: String
  /// A literal, or a template over `secret()` and `env()` that the worker evaluates.
  public var value: Value
  /// True where the value must never be shown or stored.
  public var isSecret: Bool

  /// A parameter of its parts.
  public init(name: String, value: Value, isSecret: Bool) {
    self.name = name
    self.value = value
    self.isSecret = isSecret
  }
}

/// What requests carry besides the API's own part; templates by name.
public struct RequestPlan: Codable, Sendable, Equatable {
  /// How a body is written.
  public enum Encoding: String, Codable, Sendable, CaseIterable {
    case json
    case form
  }

  /// Headers.
  public var headers: [String: Value]
  /// Parameters of the URL.
  public var query: [String: Value]
  /// Fields of the form, where the body is one.
  public var form: [String: Value]
  /// How the body is written.
  public var encoding: Encoding

  /// What every request carries.
  public init(
    headers: [String: Value] = [:], query: [String: Value] = [:], form: [String: Value] = [:],
    encoding: Encoding = .json
  ) {
    self.headers = headers
    self.query = query
    self.form = form
    self.encoding = encoding
  }
}

/// One value worked out over the finished request: a signature.
public struct SigningStep: Codable, Sendable, Equatable {
  /// Where it goes: `form.sign`, `header.X-Signature`, `query.sign`.
  public var set: String
  /// What it is: a template over `connector` and `request`.
  public var to: String

  /// A step of its parts.
  public init(set: String, to: String) {
    self.set = set
    self.to = to
  }
}

/// How an account proves itself.
public enum AuthenticationPlan: Codable, Sendable, Equatable {
  /// It does not, or by signing alone.
  case none
  /// HTTP Basic (RFC 7617).
  case basic(username: String, password: String)
  /// A token that a request hands out for a time.
  case token(TokenPlan)
}

/// How a token is got and used.
public struct TokenPlan: Codable, Sendable, Equatable {
  /// The method of the request for it.
  public var method: String
  /// The path below the base URL.
  public var path: String
  /// The body of the request; a template over `connector` and `now`.
  public var body: Value?
  /// True where the answer holds a token.
  public var success: String?
  /// The token, in the answer.
  public var token: String
  /// For how many seconds it is good, in the answer.
  public var expiresIn: String?
  /// For how long it is good, where the answer does not say.
  public var lifetimeMilliseconds: Int64
  /// Where it goes: templates over `token`, by header.
  public var headers: [String: Value]
  /// Where it goes: templates over `token`, by parameter of the URL.
  public var query: [String: Value]

  /// A token of its parts.
  public init(
    method: String, path: String, body: Value?, success: String?, token: String, expiresIn: String?,
    lifetimeMilliseconds: Int64, headers: [String: Value], query: [String: Value]
  ) {
    self.method = method
    self.path = path
    self.body = body
    self.success = success
    self.token = token
    self.expiresIn = expiresIn
    self.lifetimeMilliseconds = lifetimeMilliseconds
    self.headers = headers
    self.query = query
  }
}

/// Files that TLS needs.
public struct TLSPlan: Codable, Sendable, Equatable {
  /// Certificates to trust instead of the system's.
  public var ca: String?
  /// Our certificate.
  public var certificate: String?
  /// Its key.
  public var key: String?

  /// Files by their paths.
  public init(ca: String?, certificate: String?, key: String?) {
    self.ca = ca
    self.certificate = certificate
    self.key = key
  }
}
