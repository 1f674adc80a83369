import Templates

extension ObjectSpec {
  /// What a Connector declares.
  static let connector = ObjectSpec(
    "connector",
    [
      .required("platform", .reference(.platform), "The platform the account is on."),
      .optional("parameters", .map(.template(.connectorParameter)), "Parameters for every environment."),
      .optional(
        "environments", .map(.map(.template(.connectorParameter))),
        "Parameters by environment; they win over `parameters`."),
      .optional("tls", .object(tls), "Files for TLS, where the system's certificates do not do."),
      .optional("proxy", .text, "The proxy requests go through: `http://host:port`."),
    ])

  private static let tls = ObjectSpec(
    "tls",
    [
      .optional("ca", .text, "A file of certificates to trust instead of the system's."),
      .optional("certificate", .text, "The file of our certificate."),
      .optional("key", .text, "The file of its key."),
    ])
}
