/// A JUnit report, in the form that CI servers agree on (the Jenkins xUnit plug-in's `junit-10.xsd`).
public struct JUnitReport: Sendable {
  /// One test case.
  public struct Case: Sendable {
    /// What it belongs to.
    public var group: String
    /// Its name.
    public var name: String
    /// How long it took, where that was measured.
    public var seconds: Double?
    /// Why it failed; nil where it passed.
    public var failure: (type: String?, message: String, text: String)?
    /// What else there is to say.
    public var output: String?

    /// A case that passed.
    public init(
      group: String, name: String, seconds: Double? = nil,
      failure: (type: String?, message: String, text: String)? = nil, output: String? = nil
    ) {
      self.group = group
      self.name = name
      self.seconds = seconds
      self.failure = failure
      self.output = output
    }
  }

  /// The name of its one suite.
  public let suite: String
  /// Its cases.
  public let cases: [Case]

  /// A report of cases.
  public init(suite: String, cases: [Case]) {
    self.suite = suite
    self.cases = cases
  }

  /// The report as XML.
  public var text: String {
    let failures = cases.count { $0.failure != nil }
    let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites \(counts)>
        <testsuite name="\(xmlEscaped(suite))" \(counts) skipped="0">
      \(cases.map { text(of: $0) }.joined())  </testsuite>
      </testsuites>

      """
  }

  private func text(of item: Case) -> String {
    var text = "    <testcase classname=\"\(xmlEscaped(item.group))\" name=\"\(xmlEscaped(item.name))\""
    if let seconds = item.seconds { text += " time=\"\(seconds)\"" }
    var content = ""
    if let failure = item.failure {
      let type = failure.type.map { " type=\"\(xmlEscaped($0))\"" } ?? ""
      content += "      <failure\(type) message=\"\(xmlEscaped(failure.message))\">"
      content += xmlEscaped(failure.text) + "</failure>\n"
    }
    if let output = item.output { content += "      <system-out>\(xmlEscaped(output))</system-out>\n" }
    return text + (content.isEmpty ? "/>\n" : ">\n\(content)    </testcase>\n")
  }
}
