import Expressions
import Testing
import Values

@Suite("Expressions that nobody would write")
struct MutationTests {
  private static let seeds = [
    "record.amount > 10.5 && record.status == \"Confirmed\" || !has(record.x)",
    "record.items.filter(i, i.qty > 1).map(i, {\"a\": i.sku + '-', 1u: [i.qty * 0.9]}).sum()",
    "timestamp(record.t, \"yyyy-MM-dd HH:mm:ss\", \"Asia/Shanghai\").format('yyyy') + duration(\"1h\")",
    "r\"\\d\" + b'\\xff' + '''a\\u00e9''' + .record.`a b` ? -9223372036854775808 : 0x1Fu - .5e-3 // end",
    "record.status.matches(\"^(?i)[a-z[:digit:]\\\\p{Han}]{2,3}(x|y)*?$\").split(',').join().replace('', '-').padStart(4, 'x')",
    "round(record.amount / 3, 2) in [1, decimal(\"1.50\"), 2.0][0:1] {1: 2}.transformMap(k, v, k + v).first().last().slice(1, 2)",
    "订单 ${ record.a } $${ '}' } ${ {1: 2} }",
  ]

  /// SplitMix64, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators".
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// A seed with some of its signs removed, repeated, exchanged, or with a piece of another in it.
  private static func mutant(_ generator: inout Generator) -> String {
    var letters = Array(seeds[Int.random(in: 0..<seeds.count, using: &generator)].unicodeScalars)
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let at = Int.random(in: 0..<max(letters.count, 1), using: &generator)
      guard !letters.isEmpty else { break }
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: letters.remove(at: at)
      case 1: letters.insert(letters[at], at: at)
      case 2: letters.swapAt(at, Int.random(in: 0..<letters.count, using: &generator))
      default:
        let other = Array(seeds[Int.random(in: 0..<seeds.count, using: &generator)].unicodeScalars)
        let start = Int.random(in: 0..<other.count, using: &generator)
        letters.insert(contentsOf: other[start..<min(start + 12, other.count)], at: at)
      }
    }
    return String(String.UnicodeScalarView(letters))
  }

  @Test("a text with mistakes gives issues within it, errors within it, or a value", arguments: [UInt64(1), 2, 3, 4])
  func mutants(seed: UInt64) throws {
    var generator = Generator(state: seed)
    let environment = ExpressionEnvironment(variables: ["record"])
    var activation = Activation(environment: environment)
    activation.costLimit = 50_000
    let record = #"{"amount": 12.50, "status": "ok2x", "t": "2026-11-24 03:10:14", "items": [{"sku": "A", "qty": 2}]}"#
    let records = [try Value(json: record), try Value(json: record), .null, .list([1])]
    for round in 0..<1_500 {
      activation.set("record", records[round % records.count])
      let source = MutationTests.mutant(&generator)
      let length = source.utf8.count
      do {
        _ = try ExpressionText.parse(source)
      } catch {
        #expect(error.range.upperBound <= length, "\(source)")
      }
      do {
        _ = try Expression(source, environment: environment).evaluate(activation)
      } catch let issues as ExpressionIssues {
        #expect(!issues.issues.isEmpty && issues.issues.allSatisfy { $0.range.upperBound <= length }, "\(source)")
      } catch let error as EvaluationError {
        #expect(error.range.upperBound <= length && !error.message.isEmpty, "\(source)")
      }
    }
  }

  @Test("a mutated regular expression matches, does not, or is refused", arguments: [UInt64(11), 12])
  func patterns(seed: UInt64) throws {
    var generator = Generator(state: seed)
    let environment = ExpressionEnvironment(variables: ["p", "t"])
    let expression = try Expression("t.matches(p)", environment: environment)
    let signs = Array("()[]{}*+?|^$\\.,-:=!<>19adDpPQEbxiéHn中".unicodeScalars)
    var activation = Activation(environment: environment)
    activation.costLimit = 50_000
    activation.set("t", "aab 19-é中\nx")
    for _ in 0..<3_000 {
      var pattern = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 1...14, using: &generator) {
        pattern.append(signs[Int.random(in: 0..<signs.count, using: &generator)])
      }
      activation.set("p", .string(String(pattern)))
      do {
        #expect(try expression.evaluate(activation).boolValue != nil)
      } catch {
        #expect(error.kind == .invalidArgument || error.kind == .costExceeded)
      }
    }
  }
}
