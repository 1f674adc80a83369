import Templates

extension ObjectSpec {
  /// How a record is found at a target; of a standard API, and of a hub over it.
  static let lookup = ObjectSpec(
    "lookup",
    summary: """
      How a record that may have been written is found at the target: by a query API of the same platform, or by a request \
      written here.
      """,
    [
      .optional("by", .expression(.item), "What a record is looked up by: its number at the target, a key of ours.")
        .examples("${ document.code }"),
      .optional("api", .reference(.standardAPI), "The query that looks.")
        .examples("yard/orders-find"),
      .optional(
        "with", .map(.template(.lookup)), "The query's parameters; `key` is what is looked up, `keys` all of them."
      )
      .examples("{ codes: '${ keys.join(\",\") }' }"),
      .optional("request", .object(apiRequest), "Instead of `api`: the request that looks; it has `key` and `keys`."),
      .optional("response", .object(response), "With `request`: how answers are judged."),
      .optional("records", .expression(.response), "With `request`: the list of what was found."),
      .optional(
        "key", .expression(.record),
        "What of a found record is compared with `by`. Default: the query's own record key."
      )
      .examples("${ record.code }"),
      .optional("id", .expression(.record), "The name the target gave a found record.").examples("${ record.id }"),
      .optional("maximum", .integer(1...1_000), "How many are looked up with one request. Default: 1."),
      .optional(
        "lag", .duration,
        "How long the target may take to find what it was given: so long is waited after a write of "
          + "unknown outcome, and between tries. Default: 0s."),
      .optional(
        "tries", .integer(1...20), "How often it is looked for before it counts as not there, and is sent. Default: 1."),
    ])

  /// What is written back.
  static let writeBack = ObjectSpec(
    "write-back",
    summary: """
      What is written back when the target has a record and all that follows is done: mostly the name the target gave it, to the \
      source. It is a task of its own for each record, tried again on the target's ladder; that it fails does not fail the record.
      """,
    [
      .optional("connector", .reference(.connector), "Where it is written. Default: the source's connector."),
      .required(
        "api", .reference(.standardAPI),
        "A standard API of the connector's platform that writes; it has `document` and "
          + "`delivered.id`, the name the target gave the record."
      )
      .examples("shop/orders-mark"),
      .optional("with", .map(.value), "The API's parameters."),
      .optional(
        "document", .template(.record), "The API's `document`, over the source record. Default: the record itself."
      )
      .examples("{ order: '${ record.id }' }"),
    ])

  /// How many records become one document.
  static let group = ObjectSpec(
    "group",
    summary: """
      Records that become one document together: what is pending when the target's schedule comes, by what they have in common. \
      The mapping sees them as `records` (`record` is the first) and what they have in common as `group`. What becomes of the \
      document becomes of all of them. While one of a group is on its way, further records of the group wait.
      """,
    [
      .required("by", .expression(.record), "What the records of one document have in common.")
        .examples("${ record.shop + \"/\" + record.day }"),
      .optional(
        "lines", .expression(.record), "How many lines of the document a record makes. Default: 1."
      )
      .examples("${ size(record.items) }"),
      .optional(
        "maximumLines", .integer(1...100_000),
        "The most lines a document has: where there are more, the group becomes several documents. A record is never divided."
      ),
      .optional(
        "wait", .duration,
        "How long a document is kept open for further records of its group, counted from when its first one was seen; one that has "
          + "`maximumLines` is sent before. Default: it is sent with what there is."
      ).examples("10m"),
    ])

  /// The call that changes what the target has.
  static let update = ObjectSpec(
    "update",
    summary: """
      The call for a record that was delivered before and has changed. It has `document` and `delivered.id`, the name the target \
      gave it. One whose outcome is not known is made again as `delivery` says, and never looked up first: it replaces what is \
      there.
      """,
    [
      .required("api", .reference(.standardAPI), "A standard API of the same platform that writes.")
        .examples("yard/vouchers-change"),
      .optional("with", .map(.value), "The API's parameters."),
    ])

  /// How a record is taken back.
  static let void = ObjectSpec(
    "void",
    summary: """
      How a record that was delivered is taken back at the target when it is cancelled at the source. It is filtered then, and \
      delivered no longer; where it comes back, it is written anew. One that was never delivered is filtered and nothing is sent.
      """,
    [
      .optional(
        "when", .expression(.record), "Which records are taken back. Default: those that `select` no longer selects."
      )
      .examples("${ record.status == \"Cancelled\" }"),
      .required(
        "api", .reference(.standardAPI),
        "A standard API of the same platform that writes; its request has `delivered.id`."
      )
      .examples("yard/vouchers-void"),
      .optional("with", .map(.value), "The API's parameters."),
    ])

  /// A call that follows a write.
  static let followUp = ObjectSpec(
    "follow-up call",
    summary: """
      A call that follows a write that succeeded: submit, audit. It is made once for every record: where it fails, the record \
      is failed with the call's name, and a retry goes on with it. An answer that says `alreadyExists` means that it was done.
      """,
    [
      .required("name", .text, "What it is called: in messages, and where it is kept that it was done.").examples(
        "audit"),
      .required(
        "api", .reference(.standardAPI),
        "The call: a standard API of the same platform that writes. Its requests have "
          + "`document` as it was written and `delivered.id`, the name the target gave it."
      )
      .examples("yard/orders-audit"),
      .optional("with", .map(.value), "The API's parameters."),
      .optional(
        "repeatable", .flag,
        "Whether it may be made again where nobody knows if it was carried out; else a person decides. Default: false."),
    ])
}
