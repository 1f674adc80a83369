import Declarations
import Diagnostics
import SourceText
import YAMLSyntax

/// Checks the address of a store: that it is of a known kind, and that no password stands in it.
func checkStore(_ node: YAMLNode) -> Diagnostics {
  var diagnostics = Diagnostics()
  guard let text = node.scalar?.text else { return diagnostics }
  let address = leavingOutExpressions(text)
  if address.hasPrefix("sqlite:"), address != "sqlite:" { return diagnostics }
  if address.first == hole { return diagnostics }
  guard let scheme = ["mongodb://", "mongodb+srv://"].first(where: address.hasPrefix) else {
    diagnostics.append(
      Diagnostic(
        .invalidText, "'\(text)' is no address of a store", at: node.headSpan,
        help: "write sqlite: and a folder, such as sqlite:.datahub/production, or mongodb:// and a host"))
    return diagnostics
  }
  if hasPassword(address.dropFirst(scheme.count)) {
    diagnostics.append(
      Diagnostic(
        .literalSecret, "the address of the store has a password in it, which must not stand in a file",
        at: node.headSpan,
        help:
          "refer to it: \(scheme)user:${ secret(\"env:STORE_PASSWORD\") }@host, and set STORE_PASSWORD where datahub runs"
      ))
  }
  return diagnostics
}

/// Stands where an expression stood.
private let hole: Character = "\u{FFFC}"

/// The text with a mark in place of each `${ ... }`; quotes in an expression may have braces in them.
private func leavingOutExpressions(_ text: String) -> String {
  var rest = text[...]
  var left = ""
  while let start = rest.firstRange(of: "${") {
    left += rest[..<start.lowerBound]
    left.append(hole)
    rest = rest[start.upperBound...]
    var quote: Character?
    var end = rest.endIndex
    for place in rest.indices {
      let character = rest[place]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character == "}" {
        end = rest.index(after: place)
        break
      }
    }
    rest = rest[end...]
  }
  return left + rest
}

/// True where a password, or the key of one, is written out in what follows the scheme.
private func hasPassword(_ address: Substring) -> Bool {
  let authority = address.prefix { $0 != "/" && $0 != "?" }
  if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
    let password = authority[authority.index(after: colon)..<at]
    if !password.isEmpty, !password.contains(hole) { return true }
  }
  guard let question = address.firstIndex(of: "?") else { return false }
  return address[address.index(after: question)...].split(separator: "&").contains { option in
    let parts = option.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, !parts[1].contains(hole) else { return false }
    let name = parts[0].lowercased()
    return name.hasSuffix("password") || (name == "authmechanismproperties" && parts[1].lowercased().contains("token"))
  }
}
