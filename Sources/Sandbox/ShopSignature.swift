import Digests

/// The shop's signature of a request.
public enum ShopSignature {
  /// MD5, in lower-case hexadecimal, of the secret and then each parameter's name and value, sorted by name.
  ///
  /// `sign` itself and parameters without a value are left out.
  public static func sign(_ parameters: [(name: String, value: String)], secret: String) -> String {
    var text = Array(secret.utf8)
    let signed = parameters.filter { $0.name != "sign" && !$0.value.isEmpty }
    for parameter in signed.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      text += parameter.name.utf8
      text += parameter.value.utf8
    }
    return hex(HashFunction.md5.digest(text))
  }
}
