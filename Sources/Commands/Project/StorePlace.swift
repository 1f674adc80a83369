import Connecting
import Synchronization
import Templates
import Values

/// What a project says of an environment's store, and what it takes to make sense of it.
struct DeclaredStore: Sendable {
  /// The address, with expressions in it.
  let text: String
  let environment: String
  let projectFolder: String
  /// The variables that `secret()` and `env()` read.
  let variables: [String: String]
}

/// Where an environment's store is: a folder, or a MongoDB server.
enum StorePlace: Sendable {
  /// An absolute folder with a SQLite file for each tenant.
  case sqlite(folder: String)
  /// An address with its secrets read; never shown.
  case mongo(url: Secret)

  /// The place that a project's text names.
  ///
  /// Expressions in it are `secret()` and `env()`, read here and not before. In an address they stand for parts of it, so
  /// what they give is percent-encoded, except where the whole address is one expression.
  init(_ declared: DeclaredStore) throws {
    let text = declared.text
    let isWholeExpression = text.hasPrefix("${")
    let place =
      text.contains("${") ? try StorePlace.evaluate(text, encodes: !isWholeExpression, declared.variables) : text
    if place.hasPrefix("sqlite:"), place != "sqlite:" {
      let folder = String(place.dropFirst("sqlite:".count))
      self = .sqlite(folder: folder.hasPrefix("/") ? folder : declared.projectFolder + "/" + folder)
    } else if place.hasPrefix("mongodb://") || place.hasPrefix("mongodb+srv://") {
      self = .mongo(url: Secret(place))
    } else {
      // What an expression gave may be a secret that is none of this kind.
      throw CommandFailure(
        .findings,
        "the store\(isWholeExpression ? "" : " '\(text)'") of environment '\(declared.environment)' is of no known kind",
        help: "write sqlite: and a folder, such as sqlite:.datahub/\(declared.environment), or mongodb:// and a host")
    }
  }

  private static func evaluate(_ text: String, encodes: Bool, _ variables: [String: String]) throws -> String {
    let resolver = SecretResolver(environment: variables, credentialsFolder: variables["CREDENTIALS_DIRECTORY"])
    @Sendable func part(_ text: String) -> String { encodes ? percentEncoded(text) : text }
    // Once a secret was read, the message of an expression may quote it.
    let hasReadSecret = Atomic<Bool>(false)
    let environment = ExpressionScope.parameterEnvironment(
      secret: { reference in
        let secret = try resolver.resolve(reference).reveal()
        hasReadSecret.store(true, ordering: .relaxed)
        return part(secret)
      }, variable: { resolver.environmentValue($0).map(part) })
    do {
      let template = try Template(.string(text), environment: environment)
      var activation = template.makeActivation()
      let value = try template.evaluate(&activation)
      return value.stringValue ?? value.json()
    } catch {
      let reason = hasReadSecret.load(ordering: .relaxed) ? "an expression in it has no value" : "\(error)"
      throw CommandFailure(
        .usage, "the address of the store cannot be made: \(reason)",
        help: "set what it refers to where datahub runs")
    }
  }

  private static func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      default: encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return encoded
  }
}
