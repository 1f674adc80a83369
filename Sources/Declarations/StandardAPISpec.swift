import Templates

extension ObjectSpec {
  /// What a StandardAPI declares.
  static let standardAPI = ObjectSpec(
    "standard API",
    summary: "One documented call of a platform, as a preset that hubs use and adjust.",
    [
      .required("platform", .reference(.platform), "The platform it is a call of."),
      .required("effect", .choice(["query", "execute"]), "Whether it reads or writes."),
      .optional("parameters", .map(.object(parameter)), "What a hub must or may give in `with`."),
      .required("request", .object(apiRequest), "The call."),
      .optional("response", .object(response), "How answers are judged, where the platform's rules do not do."),
      .optional("records", .expression(.response), "For a query: the list of records in the answer."),
      .optional("record", .object(record), "For a query: what identifies a record, and what one is like."),
      .optional("window", .object(window), "For a query: that it takes a window of time."),
      .optional("paging", .object(paging), "For a query: how one page leads to the next."),
      .optional("detail", .object(detail), "For a query that lists: a second call that gives each record whole."),
      .optional("batch", .object(batch), "For a write: how several records go into one request."),
      .optional(
        "idempotencyKey", .flag, "For a write: whether the platform knows a repeated write by the key in the request."),
      .optional("result", .object(singleResult), "For a write of one record: how the answer is read."),
      .optional("document", .object(document), "For a write: what a document is like."),
      .optional("lookup", .object(lookup), "For a write: how a record that may have been written is found."),
      .optional("then", .list(.object(followUp)), "For a write: the calls that follow one that succeeded, in order."),
    ])

  static let apiRequest = ObjectSpec(
    "request",
    [
      .optional("method", .choice(httpMethods), "The HTTP method. Default: POST."),
      .required("path", .textTemplate(.apiRequest), "The path below the base URL; values in it are percent-encoded."),
      .optional("query", .map(.template(.apiRequest)), "Parameters of the URL."),
      .optional("headers", .map(.textTemplate(.apiRequest)), "Headers."),
      .optional("body", .template(.apiRequest), "The body."),
    ])

  private static let record = ObjectSpec(
    "record",
    [
      .optional("key", .expression(.record), "What identifies a record."),
      .optional("number", .expression(.record), "The number people know it by."),
    ] + schemaFields("a record", "expressions over `record` are"))

  private static let document = ObjectSpec("document", schemaFields("a document that a mapping makes", "mappings are"))

  /// The fields that say what a record or document is like.
  static func schemaFields(_ what: String, _ checked: String) -> [FieldSpec] {
    [
      .optional("schema", .schema, "What \(what) is like; \(checked) checked with it.")
        .examples("{ type: object, required: [id], properties: { id: { type: string } } }"),
      .optional("schemaFile", .schemaFile, "A file with that; `schema` is merged over it.").examples(
        "order.schema.json"),
    ]
  }

  private static let window = ObjectSpec(
    "window", [.optional("maximum", .duration, "The most time one query may span.")])

  private static let paging = ObjectSpec(
    "paging",
    [
      .required(
        "kind", .choice(["none", "page", "cursor", "offset"]),
        "By page numbers, by a cursor each answer gives, or by how many records come before."),
      .optional("start", .integer(0...1), "For `page`: the number of the first page. Default: 1; for `offset`: 0."),
      .optional("size", .integer(1...100_000), "How many records to ask for. Default: 100."),
      .optional("more", .expression(.paging), "For `page` and `offset`: whether there is a further page."),
      .optional(
        "order", .choice(["forward", "reverse"]),
        "For `page`: `reverse` reads the last page first, so that records that leave the list meanwhile hide none. Default: forward."
      ),
      .optional("pages", .expression(.response), "For `order: reverse`: how many pages there are.")
        .examples("${ response.body.data.page_count }"),
      .optional(
        "total", .expression(.response),
        "How many records all pages have; where others came, the slice is read again, up to 3 times."
      )
      .examples("${ response.body.data.data_count }"),
      .optional("next", .expression(.paging), "For `cursor`: the next page's cursor; null or empty after the last."),
    ])

  private static let detail = ObjectSpec(
    "detail",
    summary: """
      Many lists tell little of each record; a second call for each gives it whole. The record is kept as the detail has it; \
      one whose detail the platform refuses is kept as failed, with what was known of it before, and the others go on.
      """,
    [
      .required("request", .object(detailRequest), "The call for one record."),
      .optional("response", .object(response), "How its answers are judged, where the platform's rules do not do."),
      .required("record", .expression(.response), "The record in the answer.").examples("${ response.body.data }"),
      .optional("into", .text, "A field of the record to keep in it what the list told. Default: it is not kept."),
      .optional("when", .expression(.record), "Which records of the list are asked for. Default: all."),
      .optional("concurrency", .integer(1...64), "How many such calls may be under way at once. Default: 4."),
    ])

  private static let detailRequest = ObjectSpec(
    "detail request",
    [
      .optional("method", .choice(httpMethods), "The HTTP method. Default: POST."),
      .required("path", .textTemplate(.detail), "The path below the base URL; values in it are percent-encoded."),
      .optional("query", .map(.template(.detail)), "Parameters of the URL."),
      .optional("headers", .map(.textTemplate(.detail)), "Headers."),
      .optional("body", .template(.detail), "The body."),
    ])

  private static let batch = ObjectSpec(
    "batch",
    [
      .required("maximum", .integer(1...100_000), "The most records one request takes."),
      .optional("item", .template(.item), "What stands in `items` for one record. Default: the document."),
      .required("results", .expression(.response), "The answers for the single records: a list."),
      .optional(
        "index", .expression(.result), "Which record an answer is for, from 0. Default: its place in the list."),
      .required("success", .expression(.result), "True where the record was taken."),
      .optional("id", .expression(.result), "The name the platform gave it."),
      .optional("message", .expression(.result), "The platform's words about a record it did not take."),
      .optional("exists", .expression(.result), "True where the platform has the record already."),
    ])

  private static let singleResult = ObjectSpec(
    "result", [.optional("id", .expression(.response), "The name the platform gave the record.")])
}
