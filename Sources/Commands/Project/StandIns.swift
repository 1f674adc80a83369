import Connecting
import Declarations
import Expressions
import Plans
import Resolving
import Synchronization
import Templates
import Values
import YAMLSyntax

/// A stand-in a project declares for one of its connectors.
struct StandInPlan: Sendable {
  /// Which of the built-in stand-ins it is.
  enum Kind: String, Sendable {
    case shop
    case erp
  }

  /// The connector it answers.
  let connector: String
  let kind: Kind
  /// The absolute path of the shop's orders.
  let orders: String?
  /// Where the connector looks for it, without a slash at the end.
  let baseURL: String
  /// The port in that.
  let port: UInt16
  /// The connector's parameters that are plain text; read only where the stand-in is started.
  private let parameters: Value

  /// A parameter by the first of its usual names that the connector has.
  func parameter(_ names: String...) throws -> String {
    for name in names {
      if let text = parameters[name]?.stringValue { return text }
    }
    throw CommandFailure(
      .findings, "connector '\(connector)' has no parameter '\(names[0])', which its stand-in needs")
  }
}

extension StandInPlan {
  /// The stand-ins of a project, sorted by connector.
  ///
  /// - Parameter readsSecrets: reads the connectors' secrets too, as starting needs.
  static func all(_ context: CommandContext, readsSecrets: Bool) throws -> [StandInPlan] {
    let compiled = try Compiler(context: context).compile()
    let declared = compiled.workspace.project?.spec.child("sandbox")?.entries ?? []
    guard !declared.isEmpty else {
      throw CommandFailure(
        .findings, "the project declares no stand-ins",
        help: "name them in the project document: sandbox: { CONNECTOR: { standIn: shop, orders: FILE.csv } }")
    }
    return try declared.sorted { $0.keyText < $1.keyText }.map { entry in
      try StandInPlan(entry.keyText, entry.value, compiled.plan, context, readsSecrets: readsSecrets)
    }
  }

  private init(
    _ connector: String, _ spec: YAMLNode, _ plan: ExecutionPlan, _ context: CommandContext, readsSecrets: Bool
  ) throws {
    guard let connectorPlan = plan.connector(connector) else {
      throw CommandFailure(
        .findings, "connector '\(connector)' is used by no hub, so nothing would speak to its stand-in")
    }
    guard let kind = spec.text("standIn").flatMap({ Kind(rawValue: $0) }) else {
      throw CommandFailure(.findings, "the stand-in of connector '\(connector)' is of no known kind")
    }
    let reader = ParameterReader(environment: context.surroundings.environment, readsSecrets: readsSecrets)
    parameters = try reader.parameters(of: connectorPlan)
    baseURL = try reader.baseURL(of: connectorPlan, parameters)
    guard let port = StandInPlan.localPort(of: baseURL) else {
      throw CommandFailure(
        .findings, "the base URL of connector '\(connector)' is \(baseURL): a stand-in answers on this machine only",
        help: "set it to http://127.0.0.1:PORT for environment '\(plan.environment)'")
    }
    self.connector = connector
    self.kind = kind
    self.port = port
    orders = spec.text("orders").map { $0.hasPrefix("/") ? $0 : context.projectFolder + "/" + $0 }
    if kind == .shop, orders == nil {
      throw CommandFailure(
        .findings, "the stand-in of connector '\(connector)' has no orders",
        help: "name a CSV file in the project document: \(connector): { standIn: shop, orders: data/orders.csv }")
    }
  }

  /// The port of `http://127.0.0.1:PORT` or `http://localhost:PORT`; nil for every other address.
  static func localPort(of url: String) -> UInt16? {
    for start in ["http://127.0.0.1:", "http://localhost:"] where url.hasPrefix(start) {
      let digits = url.dropFirst(start.count).prefix { $0 != "/" }
      return UInt16(digits).flatMap { $0 > 0 ? $0 : nil }
    }
    return nil
  }
}

/// Evaluates what a connector's parameters say, as a worker would.
private struct ParameterReader {
  private let environment: ExpressionEnvironment
  private let readsSecrets: Bool
  private let failure = SecretFailure()

  init(environment variables: [String: String], readsSecrets: Bool) {
    self.readsSecrets = readsSecrets
    let secrets = SecretResolver(environment: variables, credentialsFolder: variables["CREDENTIALS_DIRECTORY"])
    environment = ExpressionScope.parameterEnvironment(
      secret: { [failure] reference in
        do throws(ConnectingError) {
          return try secrets.resolve(reference).reveal()
        } catch {
          failure.note(error)
          throw EvaluationError(.invalidArgument, error.message)
        }
      }, variable: { variables[$0] })
  }

  func parameters(of plan: ConnectorPlan) throws -> Value {
    var found: [(String, Value)] = []
    for parameter in plan.parameters where readsSecrets || !parameter.isSecret {
      found.append(
        (
          parameter.name,
          try evaluate(parameter.value, environment, at: "connector '\(plan.name)', parameter '\(parameter.name)'") {
            _ in
          }
        ))
    }
    return .map(ValueMap(found))
  }

  func baseURL(of plan: ConnectorPlan, _ parameters: Value) throws -> String {
    let place = "connector '\(plan.name)', base URL"
    let value = try evaluate(.string(plan.baseURL), ExpressionScope.connector.environment, at: place) {
      $0.set("connector", parameters)
    }
    guard var text = value.stringValue else { throw CommandFailure(.findings, "\(place): it is not a text") }
    while text.last == "/" { text.removeLast() }
    return text
  }

  private func evaluate(
    _ tree: Value, _ environment: ExpressionEnvironment, at place: String, _ prepare: (inout Activation) -> Void
  ) throws -> Value {
    do {
      let template = try Template(tree, environment: environment)
      var activation = template.makeActivation()
      prepare(&activation)
      return try template.evaluate(&activation)
    } catch let error as TemplateError {
      if let missing = failure.first { throw ConnectingError(missing.code, "\(place): \(missing.message)") }
      throw CommandFailure(.findings, "\(place): \(error.error.message)", help: error.error.help)
    } catch let error as TemplateIssue {
      throw CommandFailure(.findings, "\(place): \(error.message)")
    }
  }
}

/// Why a secret could not be read; an expression's error says no more than its message.
private final class SecretFailure: Sendable {
  private let kept = Mutex<ConnectingError?>(nil)

  var first: ConnectingError? { kept.withLock { $0 } }

  func note(_ error: ConnectingError) { kept.withLock { $0 = $0 ?? error } }
}
