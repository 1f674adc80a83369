import Fuzzing

/// What the command line asks for.
struct Options {
  static let usage = """
    datahub-fuzz [TARGET]... [--seconds N] [--seed N] [--root DIR] [--cases DIR]
    datahub-fuzz TARGET --replay FILE

    Targets: \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")); all of them where none is named.
      --seconds N    How long each target runs. Default: 60.
      --seed N       Where the random numbers start; the same seed gives the same inputs. Default: by the clock.
      --root DIR     The source tree whose files are the corpus. Default: the current folder.
      --cases DIR    Where inputs are kept. Default: .build/fuzz
      --replay FILE  Runs one kept input.

    The input that runs is kept in a file, TARGET.running, so that one that ends the process can be replayed. Inputs that break a
    promise or take over a second are kept as TARGET-NUMBER.failed and .slow.

    """

  var targets: [FuzzTarget] = []
  var seconds = 60
  var seed: UInt64?
  var root = "."
  var cases = ".build/fuzz"
  var replay: String?

  /// A command line that cannot be used.
  struct Problem: Error, CustomStringConvertible {
    let description: String
  }

  init(_ arguments: [String]) throws(Problem) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        guard let target = FuzzTarget(rawValue: word) else {
          throw Problem(description: "there is no target '\(word)'")
        }
        targets.append(target)
        continue
      }
      guard let value = rest.popFirst() else { throw Problem(description: "'\(word)' needs a value") }
      switch word {
      case "--seconds": seconds = try Self.number(value, word)
      case "--seed": seed = try Self.number(value, word)
      case "--root": root = value
      case "--cases": cases = value
      case "--replay": replay = value
      default: throw Problem(description: "there is no option '\(word)'")
      }
    }
    if replay != nil, targets.count != 1 { throw Problem(description: "'--replay' needs one target") }
    if targets.isEmpty { targets = FuzzTarget.allCases }
  }

  private static func number<Number: FixedWidthInteger>(_ text: String, _ option: String) throws(Problem) -> Number {
    guard let number = Number(text), number >= 0 else {
      throw Problem(description: "'\(text)' is not a value of '\(option)'")
    }
    return number
  }
}
