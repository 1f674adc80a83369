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
      .optional("record", .object(record), "For a query: what identifies a record."),
      .optional("window", .object(window), "For a query: that it takes a window of time."),
      .optional("paging", .object(paging), "For a query: how one page leads to the next."),
      .optional("batch", .object(batch), "For a write: how several records go into one request."),
      .optional(
        "idempotencyKey", .flag, "For a write: whether the platform knows a repeated write by the key in the request."),
      .optional("result", .object(singleResult), "For a write of one record: how the answer is read."),
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
    ])

  private static let window = ObjectSpec(
    "window", [.optional("maximum", .duration, "The most time one query may span.")])

  private static let paging = ObjectSpec(
    "paging",
    [
      .required("kind", .choice(["none", "page", "cursor"]), "By page numbers, or by a cursor each answer gives."),
      .optional("start", .integer(0...1), "For `page`: the number of the first page. Default: 1."),
      .optional("size", .integer(1...100_000), "How many records to ask for. Default: 100."),
      .optional("more", .expression(.paging), "For `page`: whether there is a further page."),
      .optional("next", .expression(.paging), "For `cursor`: the next page's cursor; null or empty after the last."),
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
