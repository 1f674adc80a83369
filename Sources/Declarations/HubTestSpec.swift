extension ObjectSpec {
  /// What a HubTest declares.
  static let hubTest = ObjectSpec(
    "hub test",
    summary: """
      Source records given, target requests expected; runs offline, with `datahub test`. It goes through the hub's own \
      selection, mapping and request, and sends nothing.
      """,
    [
      .required("hub", .reference(.hub), "The hub that is tested."),
      .optional("clock", .moment, "What `now` is. Default: 2026-01-01T00:00:00Z."),
      .optional("records", .list(.value), "The source records."),
      .optional("file", .file, "A file of source records, one JSON text a line, relative to the file it is named in."),
      .optional("values", .map(.map(.value)), "Value mappings, by name; they take the place of the declared ones."),
      .optional(
        "find", .map(.list(.object(found))),
        "Records that other hubs keep, by the hubs' names; `find()` sees these and no others."),
      .optional("delivered", .map(.object(delivered)), "Records the target has already, by their keys."),
      .optional(
        "expect", .object(expectation), "What must come of it; `datahub test --update` writes it where nothing is."),
    ])

  private static let delivered = ObjectSpec(
    "delivered", summary: "What the target has.",
    [
      .optional("revision", .integer(1...1_000_000_000), "The revision the target has. Default: 1."),
      .optional("id", .text, "The name the target gave it."),
    ])

  private static let found = ObjectSpec(
    "kept record", summary: "A record that another hub keeps.",
    [
      .required("record", .value, "Its content."),
      .optional("key", .text, "What identifies it in its hub. Default: its number in the list, from 1."),
      .optional("delivered", .object(delivered), "What the target has of it, for `findDelivered()`."),
      .optional(
        "state", .choice(["pending", "queued", "done", "failed", "waiting", "filtered", "held", "uncertain"]),
        "The state it is in. Default: `done` where it is delivered, else `pending`."),
    ])

  private static let expectation = ObjectSpec(
    "expect", summary: "What must come of the records.",
    [
      .optional(
        "match", .choice(["whole", "subset"]),
        "Whether bodies and documents must be equal as a whole, or hold at least what is given. Default: whole."),
      .optional("requests", .list(.object(request)), "The requests that are sent, in order."),
      .optional("documents", .list(.value), "The mapped documents, in order, before they are put into requests."),
      .optional("filtered", .list(.value), "The keys of the records that `select` leaves out."),
      .optional("waiting", .list(.object(error)), "The records that wait for something that may still come."),
      .optional("errors", .list(.object(error)), "The records that cannot be mapped."),
    ])

  private static let request = ObjectSpec(
    "request", summary: "One request; what is not given is not compared.",
    [
      .optional("method", .choice(httpMethods), "The HTTP method."),
      .optional("path", .text, "The path below the base URL, with its values."),
      .optional("query", .map(.value), "Parameters of the URL."),
      .optional("headers", .map(.value), "Headers; names in any case."),
      .optional("body", .value, "The body."),
    ])

  private static let error = ObjectSpec(
    "error", summary: "One record that cannot be mapped, or waits.",
    [
      .optional("key", .value, "The record's key."),
      .optional("field", .text, "The field of the document that has no value: `lines[2].price`."),
      .optional("message", .text, "A part of the message."),
    ])
}
