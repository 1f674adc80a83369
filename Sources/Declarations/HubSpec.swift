import Templates

extension ObjectSpec {
  /// What a Hub declares.
  static let hub = ObjectSpec(
    "hub",
    [
      .required("source", .object(source), "Where records come from."),
      .optional("select", .expression(.record), "Which records are sent; the others are kept, marked filtered."),
      .required("mapping", .template(.mapping), "The target document, as it will be sent."),
      .required("target", .object(target), "Where records go."),
    ])

  private static let source = ObjectSpec(
    "source",
    [
      .required("connector", .reference(.connector), "The account to read from."),
      .required("api", .reference(.standardAPI), "The standard API to read with."),
      .optional("with", .map(.value), "The API's parameters."),
      .optional("key", .expression(.record), "What identifies a record, where the API does not say."),
      .optional("number", .expression(.record), "The number people know a record by."),
      .optional("schedule", .cron, "When the source is asked."),
      .optional("window", .object(window), "The window of time that is read."),
      .optional(
        "retry", .list(.duration), "How long to wait before each further attempt. Default: 20s, 5m, 1h, 4h, 20h."),
    ])

  private static let window = ObjectSpec(
    "window",
    [
      .optional("start", .momentOrDuration, "Where the very first window starts. Default: 30d."),
      .optional("overlap", .duration, "How far behind the last window the next one starts again. Default: 0s."),
      .optional("settle", .duration, "How long the newest records are left to settle. Default: 0s."),
    ])

  private static let target = ObjectSpec(
    "target",
    [
      .required("connector", .reference(.connector), "The account to write to."),
      .required("api", .reference(.standardAPI), "The standard API to write with."),
      .optional("with", .map(.value), "The API's parameters."),
      .optional("schedule", .cron, "When records are sent."),
      .optional("batch", .integer(1...100_000), "How many records go into one request. Default: the API's maximum."),
      .optional("concurrency", .integer(1...256), "How many requests may be on the way at once. Default: 1."),
      .optional(
        "delivery", .choice(["idempotency-key", "upsert", "at-most-once", "at-least-once"]),
        "What becomes of a write whose outcome is not known."),
      .optional(
        "retry", .list(.duration), "How long to wait before each further attempt. Default: 20s, 5m, 1h, 4h, 20h."),
    ])
}
