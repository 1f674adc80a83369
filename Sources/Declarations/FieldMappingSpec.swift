import Templates

extension ObjectSpec {
  /// What a FieldMapping declares.
  static let fieldMapping = ObjectSpec(
    "field mapping",
    summary: "A target document written as a template over the source record, for several hubs to share.",
    [
      .optional(
        "source", .reference(.standardAPI),
        "The query API its records come from; the mapping is checked with its `record.schema`."),
      .optional(
        "target", .reference(.standardAPI),
        "The write API its documents go to; the mapping is checked with its `document.schema`."),
      .required("mapping", .template(.mapping), "The target document, as it will be sent."),
    ])
}
