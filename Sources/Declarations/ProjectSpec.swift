import Templates

extension ObjectSpec {
  /// What a Project declares.
  static let project = ObjectSpec(
    "project",
    summary: """
      The root file, usually datahub.yaml: whose records these are, where each environment keeps them, what all hubs share. A \
      project has one document of this kind.
      """,
    [
      .optional(
        "tenant", .text, "Whose records these are; each tenant has a store of its own. Default: the project's name."
      ).examples("acme"),
      .optional("timeZone", .zone, "The zone of schedules and of times without a zone. Default: UTC.")
        .examples("Asia/Shanghai"),
      .optional("catalogues", .list(.text), "Folders with further resources, relative to the project.")
        .examples("[../../pipelines]"),
      .optional("environments", .map(.object(environment)), "Where and how each environment runs."),
      .optional("defaults", .object(defaults), "What hubs take over where neither they nor what they extend say it."),
      .optional(
        "retention", .object(retention),
        "For how long queue tasks are kept that need nobody any more: `datahub up` removes them once a day, and `datahub task prune`."
      ),
      .optional("sandbox", .map(.object(standIn)), "Local stand-ins, by the name of the connector they answer."),
    ])

  private static let environment = ObjectSpec(
    "environment", summary: "One place the project is deployed to.",
    [
      .optional(
        "store", .textTemplate(.connectorParameter),
        """
        A folder, relative to the project: `sqlite:.datahub/development`; or the address of a MongoDB replica set: \
        `mongodb://db.example.com/?tls=true`. A password is referred to, `mongodb://datahub:${ secret("env:STORE_PASSWORD") }@...`, \
        or the whole address is: `${ secret("env:STORE") }`. Default: `sqlite:.datahub/` and the environment's name.
        """
      ).examples("sqlite:.datahub/production"),
      .optional(
        "connectors", .text,
        "Which environment of the connectors is used. Default: the one of the same name."
      ).examples("test"),
      .optional(
        "production", .flag,
        "Whether this is a production: it refuses connectors of other environments. Default: true for `production`."),
    ])

  private static let defaults = ObjectSpec(
    "defaults", summary: "What hubs take over where neither they nor what they extend say it.",
    [
      .optional("source", .object(sourceDefaults), "For the source side of every hub."),
      .optional("target", .object(targetDefaults), "For the target side of every hub."),
      .optional(
        "scheduling", .object(ObjectSpec.scheduling),
        "What becomes of times that were missed, and of runs that overlap."),
    ])

  private static let sourceDefaults = ObjectSpec(
    "source",
    [
      .optional("schedule", .cron, "When sources are asked."),
      .optional("retry", .list(.duration), "How long to wait before each further attempt."),
      .optional("backoff", .object(ObjectSpec.backoff), "In place of `retry`: chance decides how long to wait."),
    ])

  private static let targetDefaults = ObjectSpec(
    "target",
    [
      .optional("schedule", .schedule, "When records are sent."),
      .optional("concurrency", .integer(1...256), "How many requests may be on the way at once."),
      .optional("retry", .list(.duration), "How long to wait before each further attempt."),
      .optional("backoff", .object(ObjectSpec.backoff), "In place of `retry`: chance decides how long to wait."),
    ])

  private static let retention = ObjectSpec(
    "retention", summary: "For how long queue tasks are kept, with what the ledger has of their requests.",
    [
      .optional("done", .duration, "Those that were run to their end. Default: 7d."),
      .optional("dead", .duration, "Those that are dead or cancelled. Default: 90d."),
    ])

  private static let standIn = ObjectSpec(
    "stand-in", summary: "A local server that answers in place of a platform.",
    [
      .required("standIn", .choice(["shop", "erp"]), "Which of the built-in stand-ins it is."),
      .optional("orders", .text, "For `shop`: the CSV file with its orders, relative to the project."),
    ])
}
