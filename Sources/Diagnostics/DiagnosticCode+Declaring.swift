extension DiagnosticCode {
  /// The codes of declaring and resolving.
  static let declaring: [DiagnosticCode] = [
    unknownKey, wrongType, missingKey, unknownChoice, unknownKind, otherVersion, invalidName, duplicateResource,
    unknownResource, inheritanceCycle, noProject, literalSecret, unknownParameter, missingParameter, invalidText,
    unreadableFile, wrongEffect, deliveryDoesNotFit, batchTooLarge, unknownEnvironment, unusedResource, fieldsDoNotFit,
    otherPlatform, notForProduction, deprecatedResource, invalidTable, triggerCircle,
    expectsNothing,
  ]

  /// A key no field has.
  public static let unknownKey = DiagnosticCode(
    "DH2001", title: "unknown key",
    explanation: """
      The key is not a field of what it stands in. Keys are never ignored: a misspelt one would silently switch off what it was
      meant to say. Use one of the keys that are listed.
      """)
  /// A value of another type than its field's.
  public static let wrongType = DiagnosticCode(
    "DH2002", title: "wrong type",
    explanation: "The field wants a value of another type: a text, a number, a list, a map. Write one of that type.")
  /// A field that must be there is not.
  public static let missingKey = DiagnosticCode(
    "DH2003", title: "missing key",
    explanation: "The field has no default, so it must be written here or in what is inherited with `extends`.")
  /// A value that is not one of those allowed.
  public static let unknownChoice = DiagnosticCode(
    "DH2004", title: "value not allowed", explanation: "The field takes only the values that are listed.")
  /// A kind of resource that is not there.
  public static let unknownKind = DiagnosticCode(
    "DH2005", title: "unknown kind",
    explanation: "`kind` says what a document declares: Project, Platform, StandardAPI, Connector or Hub.")
  /// A version this program does not read.
  public static let otherVersion = DiagnosticCode(
    "DH2006", title: "unknown apiVersion", explanation: "This program reads `apiVersion: datahub/v1`.")
  /// A name that is not of the form names have.
  public static let invalidName = DiagnosticCode(
    "DH2007", title: "invalid name",
    explanation: """
      A name starts with a letter or a digit and goes on with letters, digits, `-`, `_` and `.`, up to 100 characters; the
      name of a standard API may have a platform before it: `jushuitan/orders-query`.
      """)
  /// Two resources of one kind and name.
  public static let duplicateResource = DiagnosticCode(
    "DH2008", title: "resource declared twice",
    explanation:
      "Resources of a kind have different names: references could not tell them apart. Rename one or remove it.")
  /// A reference to a resource that is not there.
  public static let unknownResource = DiagnosticCode(
    "DH2009", title: "unknown resource",
    explanation: """
      Nothing of that kind and name is declared in the project or in its catalogues. Correct the name, declare the resource, or
      add the folder that declares it to `catalogues` in datahub.yaml.
      """)
  /// Resources that inherit from each other in a circle.
  public static let inheritanceCycle = DiagnosticCode(
    "DH2010", title: "inheritance in a circle",
    explanation: "A resource cannot inherit from itself, not even by way of others. Remove one `extends` of the circle."
  )
  /// A folder without a project file.
  public static let noProject = DiagnosticCode(
    "DH2011", title: "no project",
    explanation: "A project has one document of kind Project, usually in datahub.yaml at its root.")
  /// A secret written into a file.
  public static let literalSecret = DiagnosticCode(
    "DH2012", title: "secret written into a file",
    explanation: """
      A parameter that is declared `secret: true`, and a password in the address of a store, must not stand in a file that goes into
      Git. Refer to it:
      `${ secret("env:NAME") }` reads an environment variable, `${ secret("file:/path") }` a file.
      """)
  /// A parameter nothing declares.
  public static let unknownParameter = DiagnosticCode(
    "DH2013", title: "unknown parameter",
    explanation: "The platform or the standard API declares which parameters it takes; this is not one of them.")
  /// A parameter that must be given is not.
  public static let missingParameter = DiagnosticCode(
    "DH2014", title: "missing parameter",
    explanation: "The platform or the standard API declares the parameter as required and gives it no default.")
  /// A text that is not of its field's form.
  public static let invalidText = DiagnosticCode(
    "DH2015", title: "text of the wrong form",
    explanation: "The field takes texts of one form: a duration such as `10m`, a time zone, a cron expression, a URL.")
  /// A file that could not be read.
  public static let unreadableFile = DiagnosticCode(
    "DH2016", title: "file cannot be read", explanation: "The file or folder is there but cannot be read.")
  /// A query where a write is wanted, or the other way round.
  public static let wrongEffect = DiagnosticCode(
    "DH2017", title: "standard API of the wrong effect",
    explanation: "A hub's source takes a standard API with `effect: query`, its target one with `effect: execute`.")
  /// A delivery policy the standard API cannot keep.
  public static let deliveryDoesNotFit = DiagnosticCode(
    "DH2018", title: "delivery policy does not fit the standard API",
    explanation: """
      `delivery: idempotency-key` needs a target that knows a repeated write by its key. Where the standard API does not say
      `idempotencyKey: true`, a repeated write could arrive twice.
      """)
  /// A batch larger than the standard API takes.
  public static let batchTooLarge = DiagnosticCode(
    "DH2019", title: "batch too large", explanation: "The standard API says how many records one request may carry.")
  /// An environment that is not declared.
  public static let unknownEnvironment = DiagnosticCode(
    "DH2020", title: "unknown environment",
    explanation: "Environments are declared in datahub.yaml; `development`, `test` and `production` are always there.")
  /// A resource nothing refers to.
  public static let unusedResource = DiagnosticCode(
    "DH2021", title: "unused resource", severity: .warning,
    explanation: "Nothing in the project refers to the resource. Remove it, or use it in a hub.")
  /// Fields that exclude or need each other.
  public static let fieldsDoNotFit = DiagnosticCode(
    "DH2022", title: "fields do not fit together",
    explanation: "Some fields only mean something beside others, or exclude them; the message says which.")
  /// A standard API of another platform than the connector's.
  public static let otherPlatform = DiagnosticCode(
    "DH2023", title: "standard API of another platform",
    explanation: "A hub can only make calls of the platform its connector belongs to.")
}

extension DiagnosticCode {
  /// A production deployment of a hub with connectors of another environment.
  public static let notForProduction = DiagnosticCode(
    "DH2024", title: "connector of another environment in production",
    explanation: """
      A deployment to production uses the production parameters of its connectors, nothing else: orders of a test shop must not
      reach the real ERP, nor real orders a test system. Remove `environment` from the side of the hub, or `connectors` from
      the project's environment.
      """)
  /// A resource that should no longer be used.
  public static let deprecatedResource = DiagnosticCode(
    "DH2025", title: "deprecated resource", severity: .warning,
    explanation: "The resource still works, but says in `metadata.deprecated` what to use instead. Move to that.")
  /// Hubs that run after each other in a circle.
  public static let triggerCircle = DiagnosticCode(
    "DH2030", title: "triggers in a circle",
    explanation: """
      `source.after` runs a hub when another one's pull has ended. Where hubs wait for each other in a circle, one run would
      start the next without end. Remove one `after` of the circle.
      """)
  /// A code table that cannot be read.
  public static let invalidTable = DiagnosticCode(
    "DH2026", title: "code table cannot be read",
    explanation: """
      The CSV file of a value mapping has one line with the names of its columns, then one line for each code, in UTF-8. A
      code stands in it once: two meanings for one code would be a guess.
      """)
  /// A hub test that says nothing of what must come out.
  public static let expectsNothing = DiagnosticCode(
    "DH2031", title: "test that expects nothing",
    explanation: """
      A hub test says under `expect` what must come of its records: `requests`, `documents`, `filtered`, `waiting` or `errors`. One that
      says nothing would always pass. `datahub test --update` writes what comes out, for you to read.
      """)
}
