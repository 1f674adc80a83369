extension ObjectSpec {
  /// What a Project declares.
  static let project = ObjectSpec(
    "project",
    [
      .optional(
        "tenant", .text, "Whose records these are; each tenant has a store of its own. Default: the project's name."),
      .optional("timeZone", .zone, "The zone of schedules and of times without a zone. Default: UTC."),
      .optional("catalogues", .list(.text), "Folders with further resources, relative to the project."),
      .optional("environments", .map(.object(environment)), "Where each environment keeps its store."),
      .optional("sandbox", .map(.object(standIn)), "Local stand-ins, by the name of the connector they answer."),
    ])

  private static let environment = ObjectSpec(
    "environment",
    [
      .optional(
        "store", .text,
        "A folder, relative to the project: `sqlite:.datahub/development`. Default: `sqlite:.datahub/` and the environment's name."
      )
    ])

  private static let standIn = ObjectSpec(
    "stand-in",
    [
      .required("standIn", .choice(["shop", "erp"]), "Which of the built-in stand-ins it is."),
      .optional("orders", .text, "For `shop`: the CSV file with its orders, relative to the project."),
    ])
}
