import Digests
import Expressions
public import HTTPClient
public import Plans
import Templates
public import Values

/// A connector with its parameters and secrets read, ready to speak; one is shared by all hubs that use the connector.
public final class ConnectorClient: Sendable {
  /// The connector's name.
  public let name: String

  let parameters: ConnectorParameters
  let platformResponse: ResponsePlan
  let now: @Sendable () -> Timestamp
  private let builder: RequestBuilder
  private let transport: Transport
  private let tokens: TokenKeeper?
  private let fixedCredentials: Credentials
  private let fixedMask: SecretMask
  private let gate: (any CallGate)?

  /// Reads the connector's secrets and lowers everything its platform says.
  ///
  /// - Parameter gate: asked before each call, and told what became of it.
  /// - Throws: ``ConnectingError`` that names the connector, the place and what to do: above all for a secret that is not
  ///   where it should be.
  public init(
    plan: ConnectorPlan, http: HTTPClient, secrets: SecretResolver, gate: (any CallGate)? = nil,
    now: @escaping @Sendable () -> Timestamp
  ) throws(ConnectingError) {
    name = plan.name
    self.gate = gate
    platformResponse = plan.response
    self.now = now
    let parameters = try ConnectorParameters(plan, secrets)
    self.parameters = parameters
    do throws(ConnectingError) {
      let baseURL = try Transport.checked(baseURL: try ConnectorClient.text(plan.baseURL, parameters, "baseURL"))
      let transport = Transport(plan, baseURL: baseURL, http, now)
      let builder = try RequestBuilder(plan, parameters)
      self.transport = transport
      self.builder = builder
      var credentials = Credentials()
      var secretTexts = parameters.secretTexts
      switch plan.authentication {
      case .none: tokens = nil
      case .basic(let username, let password):
        let user = try ConnectorClient.text(username, parameters, "authentication.username")
        let word = try ConnectorClient.text(password, parameters, "authentication.password")
        guard !user.utf8.contains(0x3A) else {
          throw ConnectingError(.badParameter, "authentication.username: a user's name has no ':' (RFC 7617)")
        }
        let code = base64(Array("\(user):\(word)".utf8))
        credentials.headers = [NamedText("Authorization", "Basic \(code)")]
        secretTexts += [code, word]
        tokens = nil
      case .token(let token):
        tokens = TokenKeeper(try TokenLogin(token, of: plan, parameters, builder, transport))
      }
      fixedCredentials = credentials
      fixedMask = SecretMask(secretTexts)
      // Rules that cannot be read are found now, not with the first answer.
      _ = try ResponseRules(api: ResponsePlan(), platform: plan.response)
    } catch {
      throw error.at("connector '\(plan.name)'")
    }
  }

  /// Makes one call: adds what the platform wants, proves who is calling, signs, sends, and judges the answer.
  ///
  /// A platform that says the login is no longer good has done nothing: then a new token is got and the request sent once
  /// more. Nothing else is ever sent twice.
  ///
  /// - Parameters:
  ///   - request: the API's own part.
  ///   - rules: how the API's answers are judged.
  ///   - parameters: what the hub gives the API, for the platform's templates.
  public func perform(
    _ request: RenderedRequest, response rules: ResponseRules, with parameters: Value = [:]
  ) async -> CallOutcome {
    guard let tokens else { return await attempt(request, rules, parameters, fixedCredentials, fixedMask) }
    do throws(CallFailure) {
      let token = try await tokens.token()
      let outcome = await attempt(request, rules, parameters, token.credentials, token.mask)
      guard case .failed(let failure) = outcome, failure.kind == .unauthenticated else { return outcome }
      let fresh = try await tokens.token(insteadOf: token.serial)
      return await attempt(request, rules, parameters, fresh.credentials, fresh.mask)
    } catch {
      return .failed(error)
    }
  }

  /// Asks for a token, where the platform hands them out: whether the credentials are good.
  ///
  /// - Throws: ``CallFailure`` where they are not, or the platform cannot be reached.
  public func logIn() async throws(CallFailure) { _ = try await tokens?.token() }

  /// A text without the connector's secrets.
  func mask(_ text: String) -> String { (tokens?.lastMask ?? fixedMask).mask(text) }

  private func attempt(
    _ request: RenderedRequest, _ rules: ResponseRules, _ parameters: Value, _ credentials: Credentials,
    _ mask: SecretMask
  ) async -> CallOutcome {
    // Before the request is signed: what is signed says when it is sent.
    if let refusal = await gate?.admit() { return .failed(refusal) }
    let outgoing: OutgoingRequest
    do throws(ConnectingError) {
      outgoing = try builder.build(request, with: parameters, credentials, now: now())
    } catch {
      let message = excerpt(of: "not sent: connector '\(name)': \(error)", limit: 1_000, without: mask)
      return .failed(CallFailure(kind: .notSent, message: message))
    }
    let outcome = await transport.exchange(outgoing, rules, mask)
    await gate?.note(outcome)
    return outcome
  }

  private static func text(
    _ text: String, _ parameters: ConnectorParameters, _ place: String
  ) throws(ConnectingError) -> String {
    let template = try Template(.string(text), in: .connector, at: place)
    var activation = template.makeActivation()
    activation.set("connector", parameters.all)
    let value: Value
    do throws(TemplateError) {
      value = try template.evaluate(&activation)
    } catch {
      throw ConnectingError(.badParameter, SecretMask(parameters.secretTexts).mask("\(place): \(error)"))
    }
    guard let result = value.interpolatedText, !result.isEmpty else {
      throw ConnectingError(
        .badParameter, "\(place): a text is expected, not \(value.isNull ? "null" : "an empty one")")
    }
    return result
  }
}
