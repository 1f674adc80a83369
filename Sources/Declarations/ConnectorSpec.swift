import Templates

extension ObjectSpec {
  /// What a Connector declares.
  static let connector = ObjectSpec(
    "connector",
    summary: """
      A customer's account on a platform, with separate parameters for production, test and development. Parameters that \
      the platform declares secret are references, never values.
      """,
    [
      .required("platform", .reference(.platform), "The platform the account is on."),
      .optional("parameters", .map(.template(.connectorParameter)), "Parameters for every environment."),
      .optional(
        "environments", .map(.map(.template(.connectorParameter))),
        "Parameters by environment; they win over `parameters`."),
      .optional("env_production", environment, "The same as `environments.production`."),
      .optional("env_test", environment, "The same as `environments.test`."),
      .optional("env_development", environment, "The same as `environments.development`."),
      .optional("tls", .object(tls), "Files for TLS, where the system's certificates do not do."),
      .optional(
        "limits", .list(.object(ObjectSpec.limit)),
        "How many requests this account may make, where that is other than the platform says."),
      .optional(
        "circuit", .object(ObjectSpec.circuit),
        "When the system is left alone for a while, where that is other than the platform says."),
      .optional("proxy", .text, "The proxy requests go through: `http://host:port`."),
    ])

  private static let environment = FieldType.map(.template(.connectorParameter))

  private static let tls = ObjectSpec(
    "tls",
    [
      .optional("ca", .text, "A file of certificates to trust instead of the system's."),
      .optional("certificate", .text, "The file of our certificate."),
      .optional("key", .text, "The file of its key."),
    ])
}
