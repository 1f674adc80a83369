import Templates

extension ObjectSpec {
  /// What a Hub declares.
  static let hub = ObjectSpec(
    "hub",
    summary: """
      One flow: a source connector and API, a target connector and API, and how a source record becomes a target document.
      """,
    [
      .required("source", .object(source), "Where records come from."),
      .optional("select", .expression(.record), "Which records are sent; the others are kept, marked filtered.")
        .examples("${ record.status == \"Confirmed\" }"),
      .optional(
        "onChange", .choice(["update", "ignore", "hold"]),
        """
        What becomes of a record that changed after it was sent: it is sent again, kept and not sent, or held until a person \
        releases it. Default: update.
        """),
      .optional(
        "hold", .expression(.record),
        "Which of the selected records wait for a person before they are sent: `datahub record release`."
      ).examples("${ record.amount > 10000 }"),
      .optional("fieldMapping", .reference(.fieldMapping), "A shared mapping; `mapping` here is merged over it."),
      .optional(
        "mapping", .template(.mapping),
        "The target document, as it will be sent. With `each` at its top, a record becomes a document for each element."
      ),
      .optional("group", .object(group), "How many records become one document."),
      .required("target", .object(target), "Where records go."),
      .optional("timeZone", .zone, "The zone of its schedules. Default: the project's.").examples("Europe/Berlin"),
      .optional("scheduling", .object(scheduling), "What becomes of times that were missed, and of runs that overlap."),
      .optional("writeBack", .object(writeBack), "What is written back when the target has a record."),
      .optional(
        "stopAfter", .errorAllowance,
        "How many records of a run may fail, or a share of those it deals with, judged from the hundredth on: where more do, "
          + "the run stops, and the others are left for the next one. Default: any number."
      ).examples("1%", "10"),
    ])

  private static let source = ObjectSpec(
    "source", summary: "Where records come from.",
    [
      .required("connector", .reference(.connector), "The account to read from.").unless("hub"),
      .required("api", .reference(.standardAPI), "The standard API to read with.").unless("hub"),
      .optional(
        "hub", .reference(.hub),
        "Another hub, in place of `connector` and `api`: its records that its target has are this hub's, as "
          + "`{ key, number, content, target: { id, revision, steps } }`. Without `schedule` and `after` it is read when "
          + "that hub has delivered something."
      ).examples("orders"),
      .optional(
        "parents", .object(parents), "The records for each of which the API is asked, each with a watermark of its own."
      ),
      .optional(
        "environment", .text, "The environment of the connector, where it is another than the deployment's."),
      .optional("with", .map(.value), "The API's parameters."),
      .optional("key", .expression(.record), "What identifies a record, where the API does not say.")
        .examples("${ record.order_id }"),
      .optional("number", .expression(.record), "The number people know a record by."),
      .optional("schedule", .cron, "When the source is asked.").examples("0 */2 * * *"),
      .optional(
        "after", .referenceOr(.hub, after),
        "The hub after whose pulls the source is asked, beside a schedule or instead of one."
      ).examples("items"),
      .optional("window", .object(window), "The window of time that is read."),
      .optional("remedy", .object(remedy), "A second, wider pull that only fills gaps."),
      .optional(
        "retry", .list(.duration), "How long to wait before each further attempt. Default: 20s, 5m, 1h, 4h, 20h."),
      .optional("schema", .schema, "What this account's records have besides; merged over the API's `record.schema`.")
        .examples("{ properties: { custom_field: { type: string } } }"),
      .optional("backoff", .object(backoff), "In place of `retry`: chance decides how long to wait."),
    ])

  private static let parents = ObjectSpec(
    "parents",
    summary: """
      The records for each of which the API is asked, such as the orders of which it gives the payments. Each has its own \
      watermark, window and pages; one whose query fails does not hold the others. They are listed anew for every pull: one that \
      is not in the list any more is not asked for, and goes on where it stopped when it comes back.
      """,
    [
      .optional("hub", .reference(.hub), "The hub whose delivered records they are, as for `source.hub`.")
        .examples("orders"),
      .optional("api", .reference(.standardAPI), "In place of `hub`: the API of the same connector that lists them."),
      .optional("with", .map(.value), "The parameters of that API."),
      .optional("key", .expression(.record), "What identifies one, where that API does not say."),
      .optional("when", .expression(.record), "Which of them are asked for. Default: all.").examples(
        "${ record.content.status == \"open\" }"),
      .required(
        "give", .map(.template(.record)),
        "Parameters of the source's API for each of them, over `record`, which is the parent: of another hub what that one keeps is "
          + "`record.content`. They come before `source.with`."
      ).examples("{ order: \"${ record.content.id }\" }"),
      .optional(
        "into", .text,
        "A field of the source's records to keep the parent in, for `source.key` as well. Default: it is not kept."),
      .optional(
        "maximum", .integer(1...100_000),
        "The most there may be; where there are more, the pull fails and says so. Default: 10000."),
    ])

  /// Waits of which chance decides.
  static let backoff = ObjectSpec(
    "backoff",
    summary: """
      Before further attempt n, a wait of anything up to `base * 2^n`, and never more than `maximum`, so that many tasks that \
      failed together do not come back together.
      """,
    [
      .optional("base", .duration, "The most to wait before the first further attempt. Default: 1s."),
      .optional("maximum", .duration, "The most to wait before any. Default: 1h."),
      .optional("attempts", .integer(1...100), "How many further attempts there are. Default: 10."),
    ])

  private static let window = ObjectSpec(
    "window", summary: "The window of time that is read: from the last one's end to now.",
    [
      .optional("start", .momentOrDuration, "Where the very first window starts. Default: 30d."),
      .optional("overlap", .duration, "How far behind the last window the next one starts again. Default: 0s."),
      .optional("settle", .duration, "How long the newest records are left to settle. Default: 0s."),
    ])

  private static let after = ObjectSpec(
    "after", summary: "The hub after whose pulls the source is asked.",
    [
      .required("hub", .reference(.hub), "The hub.").examples("items"),
      .optional(
        "on", .choice(["success", "any", "delivered"]),
        "After a pull that read everything; after any pull that ended; or once nothing of such a pull is left to be sent. Default: success."
      ),
    ])

  /// What becomes of times that were missed, and of runs that overlap.
  static let scheduling = ObjectSpec(
    "scheduling", summary: "What becomes of times that were missed, and of runs that overlap.",
    [
      .optional(
        "misfire", .choice(["latest", "all", "skip"]),
        "Which times are made up for that passed while no scheduler ran: the latest one, each of them, or none. Default: latest."
      ),
      .optional(
        "catchUp", .duration,
        "How far back missed times are made up for. Default: any time for `latest`, 1d for `all`."
      ).examples("6h"),
      .optional(
        "overlap", .choice(["skip", "queue"]),
        "What becomes of a time that comes while the run before it goes on: it is passed over, or waits. Default: skip."
      ),
    ])

  private static let remedy = ObjectSpec(
    "remedy", summary: "A second, wider pull that only fills gaps: it adds records that are missing and changes none.",
    [
      .required("schedule", .cron, "When it runs.").examples("2 1 * * *"),
      .required("lookBack", .duration, "How far back it reads.").examples("2d"),
    ])

  private static let target = ObjectSpec(
    "target", summary: "Where records go.",
    [
      .required("connector", .reference(.connector), "The account to write to."),
      .required("api", .reference(.standardAPI), "The standard API to write with."),
      .optional(
        "environment", .text, "The environment of the connector, where it is another than the deployment's."),
      .optional("with", .map(.value), "The API's parameters."),
      .optional("schedule", .schedule, "When records are sent: cron, or `onRecords`."),
      .optional("batch", .integer(1...100_000), "How many records go into one request. Default: the API's maximum."),
      .optional("concurrency", .integer(1...256), "How many requests may be on the way at once. Default: 1."),
      .optional(
        "delivery", .choice(["idempotency-key", "upsert", "check-before-write", "at-most-once", "at-least-once"]),
        "What becomes of a write whose outcome is not known."),
      .optional("lookup", .object(lookup), "How a record is found at the target; merged over the API's."),
      .optional(
        "checkFirst", .flag,
        "For `check-before-write`: whether a record is looked up before it is sent for the first time. Default: false."),
      .optional(
        "then", .list(.object(followUp)), "The calls that follow a write that succeeded. Default: those of the API."),
      .optional("update", .object(update), "The call for a record that the target has already, and that has changed."),
      .optional("void", .object(void), "How a record that the target has is taken back."),
      .optional(
        "vanished", .choice(["keep", "void"]),
        "What becomes of a delivered record that the source has no more: it is kept as it is, or taken back. For source APIs "
          + "that give all they have each time. Default: keep."),
      .optional(
        "retry", .list(.duration), "How long to wait before each further attempt. Default: 20s, 5m, 1h, 4h, 20h."),
      .optional(
        "schema", .schema, "What this account's documents have besides; merged over the API's `document.schema`."
      )
      .examples("{ properties: { custom_field: { type: string } } }"),
      .optional("backoff", .object(backoff), "In place of `retry`: chance decides how long to wait."),
    ])
}
