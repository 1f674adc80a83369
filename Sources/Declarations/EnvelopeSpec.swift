extension ObjectSpec {
  /// What every document has, whatever its kind; `spec` holds the fields of the kind.
  public static let envelope = ObjectSpec(
    "document", summary: "One resource: what it is, what it is called, what it inherits, and its fields.",
    [
      .required("apiVersion", .choice(["datahub/v1"]), "The version of the language."),
      .required("kind", .choice(ResourceKind.allCases.map(\.rawValue)), "What is declared."),
      .required("metadata", .object(metadata), "What the resource is called."),
      .optional(
        "extends", .text,
        "The resource of the same kind it inherits from: maps merge, lists and scalars replace, null removes."),
      .optional(
        "abstract", .flag,
        "Whether it is only there to be extended: it may be incomplete, and is not deployed. Default: false; not inherited."
      ),
      .optional("spec", .value, "The fields of the kind."),
    ])

  /// What a resource is called.
  public static let metadata = ObjectSpec(
    "metadata",
    [
      .required(
        "name", .text, "The name others refer to it by: letters, digits, '-', '_' and '.'; unique in its kind."),
      .optional("title", .text, "What people call it."),
      .optional("labels", .map(.text), "Words to group resources by, such as a team."),
      .optional("description", .text, "What it is for."),
      .optional("deprecated", .text, "Why it should no longer be used, and what to use instead; not inherited."),
    ])
}
