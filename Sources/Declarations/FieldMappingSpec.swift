import Templates

extension ObjectSpec {
  /// What a FieldMapping declares.
  static let fieldMapping = ObjectSpec(
    "field mapping",
    summary: "A target document written as a template over the source record, for several hubs to share.",
    [
      .optional(
        "source", .reference(.standardAPI), "The API its records come from; the mapping is checked against it."),
      .optional("target", .reference(.standardAPI), "The API its documents go to; the mapping is checked against it."),
      .required("mapping", .template(.mapping), "The target document, as it will be sent."),
    ])
}
