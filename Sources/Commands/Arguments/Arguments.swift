import Values

/// What a command line gives, by the names of options and arguments.
struct Arguments: Sendable {
  private(set) var options: [String: [String]] = [:]
  private(set) var positionals: [String: [String]] = [:]

  mutating func add(option name: String, _ value: String) { options[name, default: []].append(value) }
  mutating func add(argument name: String, _ value: String) { positionals[name, default: []].append(value) }

  /// True where a flag, or an option at all, was given.
  func flag(_ name: String) -> Bool { options[name] != nil }

  /// The value of an option.
  func value(_ name: String) -> String? { options[name]?.last }

  /// The values of an option that may be repeated.
  func values(_ name: String) -> [String] { options[name] ?? [] }

  /// An argument that may be left out.
  func argument(_ name: String) -> String? { positionals[name]?.first }

  /// All values of the argument that takes the rest.
  func arguments(_ name: String) -> [String] { positionals[name] ?? [] }

  /// An argument that must be given.
  func required(_ name: String) throws(UsageError) -> String {
    guard let value = positionals[name]?.first else { throw UsageError("\(name) is missing") }
    return value
  }
}

// MARK: - Values with a meaning

extension Arguments {
  /// A whole number.
  func integer(_ name: String, in range: ClosedRange<Int>, default fallback: Int) throws(UsageError) -> Int {
    guard let text = value(name) else { return fallback }
    return try integer(text, "--\(name)", in: range)
  }

  /// A text that must be a whole number.
  func integer(_ text: String, _ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int {
    guard let number = Int(text), range.contains(number) else {
      let bounds =
        range.upperBound == .max ? "from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw UsageError("'\(text)' is not a value of '\(name)'", help: "write a whole number \(bounds)")
    }
    return number
  }

  /// A length of time; a number alone counts seconds.
  func duration(_ name: String, default fallback: TimeSpan) throws(UsageError) -> TimeSpan {
    guard let text = value(name) else { return fallback }
    let isNumber = !text.isEmpty && text.utf8.allSatisfy { $0 &- 0x30 < 10 }
    guard let span = TimeSpan(isNumber ? text + "s" : text, days: true), span >= .zero, span.seconds <= 31_536_000
    else {
      throw UsageError(
        "'\(text)' is not a value of '--\(name)'", help: "write a length of time such as 15, 30s, 5m or 1h30m")
    }
    return span
  }

  /// How often something happens, from 0 to 1.
  func rate(_ name: String) throws(UsageError) -> Double {
    guard let text = value(name) else { return 0 }
    guard let number = Double(text), (0...1).contains(number) else {
      throw UsageError("'\(text)' is not a value of '--\(name)'", help: "write a number from 0 to 1, such as 0.05")
    }
    return number
  }

  /// Names separated by commas, each one of a kind.
  func names<Element>(
    _ name: String, among all: [String], _ make: (String) -> Element?
  ) throws(UsageError) -> [Element] {
    var found: [Element] = []
    for word in values(name).flatMap({ $0.split(separator: ",") }) {
      guard let element = make(String(word)) else {
        throw UsageError("'\(word)' is not a value of '--\(name)'", help: "there is \(all.joined(separator: ", "))")
      }
      found.append(element)
    }
    return found
  }
}
