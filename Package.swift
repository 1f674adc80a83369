// swift-tools-version: 6.2
import PackageDescription

// The floors of the house: a target may only depend on targets of the floors below it.
// `Tests/ArchitectureTests` reads every import and holds the arrows; `docs/architecture.md` walks through the rooms.

/// Language features every target is built with.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .treatAllWarnings(as: .error),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
  name: "datahub",
  products: [
    .executable(name: "datahub", targets: ["datahub"])
  ],
  targets: [
    // Floor 0: C libraries.
    library("CLibYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
    library("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    library("CLibCurl", pkgConfig: "libcurl", apt: "libcurl4-openssl-dev"),
    library("CLibCrypto", pkgConfig: "libcrypto", apt: "libssl-dev"),
    library("CMicroHTTPD", pkgConfig: "libmicrohttpd", apt: "libmicrohttpd-dev"),
    library("CLibMongoC", pkgConfig: "libmongoc-1.0", apt: "libmongoc-dev"),

    // Floor 1: text, values, threads and signals.
    room("SourceText"),
    room("Values"),
    room("ServiceRuntime", ["Values"]),
    room("Scheduling", ["Values"]),

    // Floor 2: what wraps one library or one idea.
    room("Diagnostics", ["SourceText", "Values"]),
    room("Digests", ["CLibCrypto"]),
    room("SQLiteKit", ["CSQLite"]),
    room("MongoKit", ["CLibMongoC", "Values"]),
    room("HTTPClient", ["CLibCurl"]),
    room("HTTPServer", ["CMicroHTTPD"]),

    // Floor 3: languages.
    room("YAMLSyntax", ["CLibYAML", "SourceText", "Diagnostics"]),
    room("Expressions", ["Values", "Digests"]),

    // Floor 4: templates, the kinds.
    room("Templates", ["Values", "Expressions"]),
    room("Schemas", ["SourceText", "Diagnostics", "Values", "Expressions"]),
    room(
      "Declarations",
      ["SourceText", "Diagnostics", "Values", "Scheduling", "YAMLSyntax", "Expressions", "Templates", "Schemas"]),

    // Floor 5: files, links.
    room("Resolving", ["SourceText", "Diagnostics", "Values", "YAMLSyntax", "Expressions", "Declarations"]),

    // Floor 6: rules, and the plan as data.
    room(
      "Checking",
      [
        "SourceText", "Diagnostics", "Values", "YAMLSyntax", "Expressions", "Templates", "Schemas", "Declarations",
        "Resolving",
      ]),
    room("Plans", ["Values", "Digests"]),

    // Floor 7: declarations to plan.
    room(
      "Lowering",
      [
        "SourceText", "Diagnostics", "Values", "Expressions", "Declarations", "Resolving", "Checking", "Plans",
      ]),

    // Floor 8: the store.
    room("Keeping", ["Values", "Plans", "Digests"]),
    room("SQLiteStore", ["Keeping", "Values", "Plans", "SQLiteKit", "ServiceRuntime"]),
    room("MongoStore", ["Keeping", "Values", "Plans", "MongoKit", "Digests", "ServiceRuntime"]),

    // Floor 9: requests.
    room("Connecting", ["Values", "Expressions", "Templates", "Plans", "HTTPClient", "Digests", "ServiceRuntime"]),

    // Floor 10: the work.
    room(
      "Running",
      [
        "Values", "Scheduling", "Expressions", "Templates", "Plans", "Keeping", "Connecting", "Digests",
        "ServiceRuntime",
      ]),
    room("Deploying", ["Values", "Plans", "Keeping"]),
    room("Sandbox", ["Values", "HTTPServer", "Digests", "ServiceRuntime"]),

    // Floor 11: the command line.
    room(
      "Commands",
      [
        "SourceText", "Diagnostics", "Values", "YAMLSyntax", "Expressions", "Templates", "Schemas", "Declarations",
        "Resolving", "Checking", "Plans", "Lowering", "Keeping", "SQLiteStore", "MongoStore", "Connecting", "Running",
        "Deploying",
        "Sandbox",
        "HTTPClient",
        "HTTPServer", "ServiceRuntime", "Scheduling",
      ]),

    room(
      "Fuzzing",
      [
        "SourceText", "Diagnostics", "Values", "YAMLSyntax", "Expressions", "Templates", "Declarations", "Resolving",
        "Checking", "Lowering",
      ]),

    // Floor 12: main.
    .executableTarget(name: "datahub", dependencies: ["Commands", "MongoKit"], swiftSettings: strict),

    // Measures, and the same job in C to measure against.
    .executableTarget(
      name: "datahub-bench",
      dependencies: [
        "Values", "Expressions", "Templates", "HTTPServer", "Plans", "Keeping", "SQLiteStore", "MongoStore", "MongoKit",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "datahub-bench-c", dependencies: ["CSQLite", "CLibCurl"],
      linkerSettings: [.linkedLibrary("sqlite3"), .linkedLibrary("curl"), .linkedLibrary("pthread")]),

    // Servers that tests start, for more than one room's tests.
    .target(name: "TestServers", path: "Tests/TestServers", swiftSettings: strict),

    // Inputs nobody would write.
    .executableTarget(name: "datahub-fuzz", dependencies: ["Fuzzing"], swiftSettings: strict),

    tests("SourceTextTests", ["SourceText"]),
    tests("ValuesTests", ["Values"]),
    tests("ServiceRuntimeTests", ["ServiceRuntime"]),
    tests("SchedulingTests", ["Scheduling", "Values"]),
    tests("DiagnosticsTests", ["Diagnostics", "SourceText"]),
    tests("DigestsTests", ["Digests"]),
    tests("SQLiteKitTests", ["SQLiteKit"]),
    tests("MongoKitTests", ["MongoKit", "Values", "TestServers"]),
    tests("HTTPClientTests", ["HTTPClient", "HTTPServer"]),
    tests("HTTPServerTests", ["HTTPServer"]),
    tests("YAMLSyntaxTests", ["YAMLSyntax", "SourceText", "Diagnostics"]),
    tests("ExpressionsTests", ["Expressions", "Values", "Digests"]),
    tests("TemplatesTests", ["Templates", "Expressions", "Values"]),
    tests("SchemasTests", ["Schemas", "Expressions", "Values"]),
    tests(
      "CompilerTests",
      [
        "Declarations", "Resolving", "Checking", "Lowering", "Plans", "Diagnostics", "SourceText", "Values",
        "YAMLSyntax", "Templates", "Expressions", "Schemas",
      ]),
    tests(
      "EndToEndTests",
      [
        "Values", "HTTPServer", "Plans", "Keeping", "SQLiteStore", "Sandbox", "MongoKit", "TestServers",
        .target(name: "datahub"), .target(name: "datahub-bench"),
      ]),
    tests("CommandsTests", ["Commands"]),
    tests("FuzzingTests", ["Fuzzing"]),
    tests("ArchitectureTests", []),
    tests("PlansTests", ["Plans", "Values"]),
    tests(
      "KeepingTests",
      [
        "Keeping", "SQLiteStore", "SQLiteKit", "MongoStore", "MongoKit", "Plans", "Values", "ServiceRuntime",
        "TestServers",
      ]),
    tests("ConnectingTests", ["Connecting", "Plans", "Values", "Expressions", "HTTPClient", "HTTPServer", "Sandbox"]),
    tests(
      "RunningTests",
      [
        "Running", "Connecting", "Keeping", "Plans", "SQLiteStore", "ServiceRuntime", "Values", "Scheduling",
        "Resolving",
        "Lowering", "Diagnostics", "HTTPClient", "HTTPServer",
      ]),
    tests("SandboxTests", ["Sandbox", "Values", "HTTPClient", "Digests"]),
  ]
)
