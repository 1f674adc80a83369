extension DiagnosticCode {
  /// Every code, in order; a new phase adds its list here.
  public static let all: [DiagnosticCode] = [syntax, declaring, expressions].flatMap(\.self)

  /// Returns the code with the given name, `DH1004` or `dh1004`.
  public static func named(_ name: String) -> DiagnosticCode? {
    let name = name.uppercased()
    return all.first { $0.rawValue == name }
  }
}
