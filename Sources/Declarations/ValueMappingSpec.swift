extension ObjectSpec {
  /// What a ValueMapping declares.
  static let valueMapping = ObjectSpec(
    "value mapping",
    summary: """
      A code table between two systems: my `W01` is your `101.3`; declared here, kept in the store and changed while the flows run \
      (`datahub value`), or both. Expressions ask it with `value("NAME", code)`, and the other \
      way round with `reverseValue("NAME", code)`.
      """,
    [
      .optional("entries", .map(.value), "The codes and what each one means on the other side.")
        .examples("{ \"10001\": C001, \"10002\": C002 }"),
      .optional("labels", .map(.text), "What people call a code."),
      .optional("csv", .object(csv), "A CSV file (RFC 4180, UTF-8) with further entries."),
      .optional(
        "onMiss", .choice(["wait", "fail", "keep", "default"]),
        """
        What becomes of a record with a code that is not there: it waits until there is an entry, fails, keeps the code as it is, \
        or takes `default`. Default: wait.
        """),
      .optional(
        "locked", .flag,
        """
        Whether only what is declared counts: `datahub value` changes nothing then. Otherwise an entry that is set at run time \
        wins over a declared one of the same code. Default: false.
        """),
      .optional("default", .value, "For `onMiss: default`: what a code that is not there becomes."),
    ])

  private static let csv = ObjectSpec(
    "csv", summary: "Where the entries stand in a CSV file whose first line names its columns.",
    [
      .required("file", .file, "The file, relative to the file it is named in.").examples("customers.csv"),
      .required("from", .text, "The column of the codes."),
      .required("to", .text, "The column of what they mean on the other side."),
      .optional("label", .text, "The column of what people call them."),
    ])
}
