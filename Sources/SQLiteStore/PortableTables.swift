import Keeping

extension PortableTable {
  /// The tables of the sections that need no more than their columns.
  static let simple: [StoreSection: PortableTable] = [
    .deployments: PortableTable(
      table: "deployments",
      columns: [
        Column("generation", "generation"), Column("digest", "digest", .text), Column("by", "deployed_by", .text),
        Column("commit", "git_commit", .text), Column("at", "deployed_at"), Column("plan", "plan", .bytes),
      ], order: ["generation"]),
    .hubs: PortableTable(
      table: "hubs",
      columns: [
        Column("name", "name", .text), Column("watermark", "watermark"), Column("listedPull", "listed_pull"),
        Column("keepsDeliveries", "keeps_deliveries", .flag), Column("lastError", "last_error", .failure),
      ], order: ["name"]),
    .pulls: PortableTable(
      table: "pulls",
      columns: [
        Column("id", "id"), Column("hub", "hub", .hub), Column("state", "state"), Column("openQueries", "open_queries"),
        Column("from", "from_ms"), Column("to", "to_ms"), Column("openedAt", "opened_at"),
        Column("closedAt", "closed_at"), Column("kind", "kind"),
        Column(
          "brought",
          "iif(state = 0 AND EXISTS (SELECT 1 FROM seen AS s WHERE s.hub = t.hub AND s.pull = t.id), 1, NULL)",
          .flag, isDerived: true),
      ], order: ["id"]),
    .tasks: PortableTable(
      table: "tasks",
      columns: [
        Column("id", "id"), Column("hub", "hub", .hub), Column("side", "side"), Column("state", "state"),
        Column("position", "position"), Column("runAt", "run_at"), Column("epoch", "epoch"),
        Column("attempts", "attempts"), Column("rescues", "rescues"), Column("sendsAgain", "sends_again", .flag),
        Column("records", "record_count"), Column("pull", "pull"), Column("owner", "owner", .text),
        Column("error", "error", .failure), Column("createdAt", "created_at"), Column("finishedAt", "finished_at"),
        Column("origin", "origin"), Column("lock", "lock", .text), Column("arrival", "arrival", .json),
        Column(
          "payload", "(SELECT p.payload FROM task_payloads AS p WHERE p.task = t.id)", .bytes, isDerived: true),
        Column("items", "(SELECT p.items FROM task_payloads AS p WHERE p.task = t.id)", .bytes, isDerived: true),
        Column(
          "parent", "(SELECT p.parent FROM query_parents AS p WHERE p.task = t.id)", .text, isDerived: true),
        Column(
          "isDoubtful", "(SELECT 1 FROM ledger AS l WHERE l.task = t.id AND l.epoch = 0)", .flag, isDerived: true),
      ], order: ["id"]),
    .ledger: PortableTable(
      table: "ledger",
      columns: [
        Column("task", "task"), Column("epoch", "epoch"), Column("phase", "phase"), Column("status", "status"),
        Column("answer", "answer", .text), Column("startedAt", "started_at"), Column("duration", "duration"),
      ], order: ["task", "epoch"]),
    // Those that are being built, or forgotten, are so no more in the copy.
    .lookups: PortableTable(
      table: "lookups",
      columns: [Column("id", "id"), Column("hub", "hub", .hub), Column("fields", "fields", .text)],
      order: ["id"], condition: "is_retired = 0", constants: [("next_record", "0")]),
    .cursors: PortableTable(
      table: "cursors",
      columns: [Column("hub", "hub", .hub), Column("upstream", "upstream", .hub), Column("position", "position")],
      order: ["upstream"]),
    .parents: PortableTable(
      table: "parents",
      columns: [
        Column("hub", "hub", .hub), Column("key", "key", .text), Column("readUntil", "read_until"),
        Column("seenPull", "seen_pull"), Column("failedPull", "failed_pull"), Column("error", "error", .failure),
        Column("asked", "asked", .text),
      ], order: ["key"]),
    .gates: PortableTable(
      table: "gates",
      columns: [
        Column("connector", "connector", .text), Column("calls", "calls"), Column("closedUntil", "closed_until"),
        Column("pauses", "pauses"), Column("openUntil", "open_until"),
      ], order: ["connector"]),
    .schedules: PortableTable(
      table: "schedules",
      columns: [
        Column("hub", "hub", .hub), Column("kind", "kind"), Column("rule", "rule", .text), Column("seen", "seen"),
      ], order: ["kind"]),
    .runs: PortableTable(
      table: "schedule_runs",
      columns: [
        Column("hub", "hub", .hub), Column("kind", "kind"), Column("slot", "slot"), Column("state", "state"),
        Column("missed", "missed"), Column("enteredAt", "entered_at"), Column("endedAt", "ended_at"),
        Column("owner", "owner", .text), Column("ownerUntil", "owner_until"), Column("pull", "pull"),
        Column("records", "records"), Column("writes", "writes"), Column("note", "note", .text),
      ], order: ["kind", "slot"]),
    .values: PortableTable(
      table: "value_entries",
      columns: [
        Column("mapping", "mapping", .text), Column("code", "code", .text), Column("label", "label", .text),
        Column("value", "value", .json), Column("valueLabel", "value_label", .text),
        Column("changedAt", "changed_at"), Column("changedBy", "changed_by", .text),
      ], order: ["mapping", "code"]),
    .audit: PortableTable(
      table: "audit",
      columns: [
        Column("id", "id"), Column("at", "at"), Column("by", "by", .text), Column("action", "action", .text),
        Column("hub", "hub", .text), Column("reason", "reason", .text), Column("details", "details", .json),
      ], order: ["id"]),
    .auditItems: PortableTable(
      table: "audit_items",
      columns: [
        Column("entry", "entry"), Column("number", "number"), Column("things", "things"),
        Column("subject", "subject", .text), Column("before", "before", .json), Column("after", "after", .json),
      ], order: ["entry", "number"]),
  ]

  /// What records wait for; several rows of one record are of one group.
  static let waits: [StoreSection: PortableTable] = [
    .lookupWaits: PortableTable(
      table: "lookup_waits",
      columns: [
        Column("hub", "hub", .hub), Column("record", "record"), Column("lookup", "lookup"),
        Column("key", "key", .bytes),
      ], order: ["record"]),
    .deliveryWaits: PortableTable(
      table: "delivery_waits",
      columns: [
        Column("hub", "hub", .hub), Column("record", "record"), Column("awaitedHub", "awaited_hub", .hub),
        Column("awaitedRecord", "awaited_record"),
      ], order: ["record"]),
  ]

  /// The records of a hub, without what stands in other tables.
  static func records(of hub: HubTables) -> PortableTable {
    PortableTable(
      table: hub.records,
      columns: [
        Column("id", "id"), Column("key", "key", .text), Column("number", "number", .text), Column("state", "state"),
        Column("position", "position"), Column("revision", "revision"),
        Column("queuedRevision", "queued_revision"), Column("deliveredRevision", "delivered_revision"),
        Column("targetID", "target_id", .text), Column("digest", "digest", .bytes),
        Column("sourceTask", "source_task"), Column("targetTask", "target_task"),
        Column("firstSeenAt", "first_seen_at"), Column("updatedAt", "updated_at"), Column("error", "error", .failure),
        Column("nextState", "next_state"), Column("nextError", "next_error", .failure),
        Column("waitsFor", "waits_for", .text), Column("parent", "parent", .text),
        Column(
          "content", "(SELECT c.content FROM \(hub.contentTable) AS c WHERE c.id = t.id)", .bytes, isDerived: true),
        Column(
          "seen", "(SELECT s.pull FROM seen AS s WHERE s.hub = \(hub.id) AND s.record = t.id)", isDerived: true),
      ], order: ["id"])
  }
}
