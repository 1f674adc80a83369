import Expressions
import Plans
import Synchronization
import Templates
import Values

/// A connector's parameters with their secrets read, as expressions see them.
struct ConnectorParameters: Sendable {
  /// All of them; only for what is sent.
  let all: Value
  /// Those that are not secret; for what is kept.
  let visible: Value
  /// The names of the secret ones.
  let secretNames: Set<String>
  /// The texts that must not be shown.
  let secretTexts: [String]

  /// Evaluates the parameters; `secret()` and `env()` are read here and nowhere else.
  init(_ plan: ConnectorPlan, _ secrets: SecretResolver) throws(ConnectingError) {
    var all: [(String, Value)] = []
    var secretNames: Set<String> = []
    var secretTexts: [String] = []
    for parameter in plan.parameters {
      let reading = SecretReading(secrets)
      let value: Value
      do throws(ConnectingError) {
        value = try reading.evaluate(parameter.value)
      } catch {
        throw error.at("connector '\(plan.name)', parameter '\(parameter.name)'")
      }
      all.append((parameter.name, value))
      // What was made of a secret is one, whatever the platform declares.
      guard parameter.isSecret || reading.hasReadSecret else { continue }
      secretNames.insert(parameter.name)
      secretTexts += SecretMask.texts(in: value) + reading.texts
    }
    self.all = .map(ValueMap(all))
    visible = .map(ValueMap(all.filter { !secretNames.contains($0.0) }))
    self.secretNames = secretNames
    self.secretTexts = secretTexts
  }
}

/// One evaluation of a parameter, and what it read.
private final class SecretReading: Sendable {
  private struct State {
    var texts: [String] = []
    var failure: ConnectingError?
  }

  private let secrets: SecretResolver
  private let state = Mutex(State())

  init(_ secrets: SecretResolver) { self.secrets = secrets }

  /// The secrets that were read.
  var texts: [String] { state.withLock { $0.texts } }

  var hasReadSecret: Bool { !texts.isEmpty }

  func evaluate(_ tree: Value) throws(ConnectingError) -> Value {
    let template: Template
    do throws(TemplateIssue) {
      template = try Template(tree, environment: environment)
    } catch {
      throw ConnectingError(.badParameter, error.description)
    }
    var activation = template.makeActivation()
    do throws(TemplateError) {
      return try template.evaluate(&activation)
    } catch {
      if let failure = state.withLock({ $0.failure }) { throw failure }
      // The message of an expression may quote what it was given.
      throw ConnectingError(.badParameter, SecretMask(texts).mask(error.description))
    }
  }

  private var environment: ExpressionEnvironment {
    ExpressionScope.parameterEnvironment(
      secret: { [self] reference in try secret(reference) }, variable: { [self] in secrets.environmentValue($0) })
  }

  private func secret(_ reference: String) throws(EvaluationError) -> String {
    do throws(ConnectingError) {
      let secret = try secrets.resolve(reference).reveal()
      state.withLock { $0.texts.append(secret) }
      return secret
    } catch {
      state.withLock { $0.failure = error }
      throw EvaluationError(.invalidArgument, error.message)
    }
  }
}
