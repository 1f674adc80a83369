import Templates

extension ObjectSpec {
  /// What a Platform declares.
  static let platform = ObjectSpec(
    "platform",
    summary: """
      A kind of software system and how it is spoken to: base URL, authentication, signing, how answers are judged.
      """,
    [
      .optional("parameters", .map(.object(parameter)), "What a connector of the platform must or may give."),
      .required("baseURL", .textTemplate(.connector), "Where the platform's paths begin."),
      .optional("request", .object(platformRequest), "What every request carries."),
      .optional("signing", .list(.object(signingStep)), "What is worked out over the finished request, in order."),
      .optional("authentication", .object(authentication), "How an account proves itself."),
      .optional("response", .object(response), "How answers are judged."),
      .optional("timeouts", .object(timeouts), "How long to wait."),
      .optional(
        "limits", .list(.object(limit)),
        "How many requests the platform takes; all hubs and all workers of a tenant together keep to them."),
      .optional("circuit", .object(circuit), "When a platform that does not answer is left alone for a while."),
      .optional("maximumResponse", .integer(1_024...(1 << 30)), "How many bytes an answer may have. Default: 32 MiB."),
    ])

  /// A parameter that a platform or a standard API takes.
  static let parameter = ObjectSpec(
    "parameter",
    [
      .optional("type", .choice(["string", "int", "bool", "decimal", "list", "map"]), "Its type. Default: string."),
      .optional("required", .flag, "Whether it must be given. Default: false."),
      .optional("secret", .flag, "Whether it must never stand in a file, a log or the store. Default: false."),
      .optional("default", .value, "What it is where it is not given."),
      .optional("enum", .list(.value), "The values it may have."),
      .optional("description", .text, "What it means."),
    ])

  private static let platformRequest = ObjectSpec(
    "request",
    [
      .optional("encoding", .choice(["json", "form"]), "How a body is written. Default: json."),
      .optional("headers", .map(.textTemplate(.platformRequest)), "Headers."),
      .optional("query", .map(.textTemplate(.platformRequest)), "Parameters of the URL."),
      .optional(
        "form", .map(.textTemplate(.platformRequest)), "Fields of the form; `request.body` is the API's own body."),
    ])

  private static let signingStep = ObjectSpec(
    "signing step",
    [
      .required("set", .text, "Where the value goes: `form.sign`, `query.sign`, `header.X-Signature`."),
      .required("to", .textTemplate(.signing), "What the value is."),
    ])

  private static let authentication = ObjectSpec(
    "authentication",
    [
      .required("kind", .choice(["none", "basic", "token"]), "How an account proves itself."),
      .optional("username", .textTemplate(.connector), "For `basic`: the user."),
      .optional("password", .textTemplate(.connector), "For `basic`: the password."),
      .optional("request", .object(tokenRequest), "For `token`: the request that hands one out."),
      .optional("success", .expression(.response), "For `token`: whether the answer holds one."),
      .optional("token", .expression(.response), "For `token`: the token in the answer."),
      .optional("expiresIn", .expression(.response), "For `token`: for how many seconds it is good."),
      .optional(
        "lifetime", .duration, "For `token`: for how long it is good where the answer does not say. Default: 1h."),
      .optional("headers", .map(.textTemplate(.token)), "For `token`: the headers that carry it."),
      .optional("query", .map(.textTemplate(.token)), "For `token`: the parameters of the URL that carry it."),
    ])

  private static let tokenRequest = ObjectSpec(
    "token request",
    [
      .optional("method", .choice(httpMethods), "The HTTP method. Default: POST."),
      .required("path", .text, "The path below the base URL."),
      .optional("body", .template(.tokenRequest), "The body."),
    ])

  /// How answers are judged.
  static let response = ObjectSpec(
    "response",
    [
      .optional(
        "success", .expression(.response), "True where the platform did what was asked. Default: a 2xx status."),
      .optional("message", .expression(.response), "The platform's own words about a failure."),
      .optional("errors", .list(.object(errorRule)), "The first that applies says what kind of failure it is."),
    ])

  private static let errorRule = ObjectSpec(
    "error rule",
    [
      .required("when", .expression(.response), "True where this is the failure."),
      .required(
        "outcome",
        .choice(["rateLimited", "unauthenticated", "alreadyExists", "rejected", "notSent", "uncertain"]),
        "What kind of failure it is."),
      .optional("wait", .expression(.response), "How many seconds to wait."),
    ])

  private static let timeouts = ObjectSpec(
    "timeouts",
    [
      .optional("connect", .duration, "For a connection. Default: 10s."),
      .optional("total", .duration, "For a whole exchange. Default: 60s."),
    ])

  /// How many requests may be made.
  static let limit = ObjectSpec(
    "limit", summary: "How many requests a platform takes in a span of time; no span of that length gets more.",
    [
      .required("requests", .integer(1...10_000), "How many.").examples("100"),
      .required("per", .duration, "In how long a span.").examples("1m"),
    ])

  /// When a system is left alone.
  static let circuit = ObjectSpec(
    "circuit",
    summary: """
      A system that does not answer is left alone: after so many calls in a row that found nobody, or of which nobody knows \
      what became, no call is made for a while; then one is, and decides.
      """,
    [
      .optional("failures", .integer(1...1_000), "After how many such calls in a row. Default: 10."),
      .optional("pause", .duration, "For how long at first; twice as long each further time. Default: 10s."),
      .optional("maximumPause", .duration, "For how long at most. Default: 5m."),
    ])

  /// The methods a request may have.
  static let httpMethods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
}
