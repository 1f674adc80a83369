import Expressions
import Templates
import Values

/// `datahub eval`: the value of one expression.
struct EvalCommand: Command {
  static let form = CommandForm(
    name: "eval", summary: "Evaluate one expression and write its value as JSON.",
    discussion:
      "The expression is one of the Common Expression Language with datahub's functions, as it stands between ${ and }. "
      + "With --output json the type is written beside the value.",
    arguments: [.required("EXPR", "The expression.")],
    options: [
      .value("bind", "NAME=JSON", "Give a variable a value; may be repeated.", repeats: true),
      .value("in", "FILE", "Evaluate once for each line of a file of JSON, bound as 'record'; '-' is the input."),
    ],
    examples: [
      .init(#"datahub eval 'decimal("29.30") * 3'"#, "Gives 87.90."),
      .init(
        #"datahub eval 'record.items.map(i, i.sku)' --bind 'record={"items":[{"sku":"a"}]}'"#, #"Gives ["a"]."#),
      .init("datahub eval 'record.amount > 100' --in orders.jsonl", "One line for each record of the file."),
    ])

  private let text: String
  private let bindings: [(name: String, value: Value)]
  private let path: String?

  init(_ arguments: Arguments) throws(UsageError) {
    text = try arguments.required("EXPR")
    path = arguments.value("in")
    var bindings: [(name: String, value: Value)] = []
    for text in arguments.values("bind") {
      let binding = try EvalCommand.binding(text)
      guard !bindings.contains(where: { $0.name == binding.name }), binding.name != "record" || path == nil else {
        throw UsageError("'\(binding.name)' is given twice", help: "give each variable one value")
      }
      bindings.append(binding)
    }
    self.bindings = bindings
  }

  private static func binding(_ text: String) throws(UsageError) -> (name: String, value: Value) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let isName = name.utf8.allSatisfy { $0 == 0x5F || $0 == 0x2E || $0 &- 0x30 < 10 || ($0 | 0x20) &- 0x61 < 26 }
    guard parts.count == 2, isName, name.utf8.first.map({ $0 &- 0x30 >= 10 }) == true else {
      throw UsageError("'\(text)' is not a value of '--bind'", help: #"write NAME=JSON, such as --bind 'price=12.30'"#)
    }
    do throws(JSONError) {
      return (name, try Value(json: String(parts[1])))
    } catch {
      throw UsageError(
        "the value of '\(name)' is not JSON: \(error)", help: "a text needs quotes: --bind '\(name)=\"text\"'")
    }
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let source = soleSource
    let variables = bindings.map(\.name) + (path == nil ? [] : ["record"])
    let environment = ExpressionEnvironment(variables: variables).adding(
      lookups: .unavailable { function in
        let what = ExpressionScope.findFunctions.contains(function) ? "what hubs keep" : "the project's value mappings"
        return EvaluationError(
          .unknownName(function), "\(function)() is only there in mappings, where it asks \(what)",
          help: "try it in a hub test: datahub test")
      })
    let expression: Expression
    do throws(ExpressionIssues) {
      expression = try Expression(source, environment: environment)
    } catch {
      for issue in error.issues { show(issue.message, source, issue.range, issue.help, context.console) }
      return .findings
    }
    var activation = Activation(environment: environment)
    for (name, value) in bindings { activation.set(name, value) }
    guard let path else { return evaluate(expression, activation, context.console) }
    return try evaluate(expression, activation, eachLineOf: path, context)
  }

  /// The expression alone, where it was given as files have it: `${ 1 + 2 }`.
  private var soleSource: String {
    guard text.hasPrefix("${") else { return text }
    do throws(ExpressionIssue) {
      return try ExpressionText(text).soleExpression?.source ?? text
    } catch {
      // Then it is read as it stands, and the reader says what is wrong.
      return text
    }
  }

  private func evaluate(_ expression: Expression, _ activation: Activation, _ console: Console) -> ExitCode {
    do throws(EvaluationError) {
      console.line(shown(try value(of: expression, activation), console))
      return .done
    } catch {
      show(error.message, expression.source, error.range, error.help, console)
      return .findings
    }
  }

  private func evaluate(
    _ expression: Expression, _ activation: Activation, eachLineOf path: String, _ context: CommandContext
  ) throws -> ExitCode {
    let console = context.console
    var activation = activation
    var parser = JSONParser()
    var buffer = ByteBuffer(capacity: 1 << 16)
    var failures = 0
    var number = 0
    var lines = try LineReader(path == "-" ? nil : context.surroundings.absolute(path))
    while let line = try lines.next() {
      number += 1
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      do {
        activation.set("record", try parser.parse(line))
        append(try value(of: expression, activation), to: &buffer, console)
      } catch let error as EvaluationError {
        failures += 1
        show("line \(number): \(error.message)", expression.source, error.range, error.help, console)
      } catch let error as JSONError {
        failures += 1
        console.report(CommandFailure(.findings, "line \(number) is not JSON: \(error)"))
      }
      if buffer.count >= 1 << 16 {
        console.output(buffer.takeString())
        buffer = ByteBuffer(capacity: 1 << 16)
      }
    }
    if buffer.count > 0 { console.output(buffer.takeString()) }
    return failures == 0 ? .done : .findings
  }

  /// The value of an expression, which JSON must be able to write.
  private func value(of expression: Expression, _ activation: borrowing Activation) throws(EvaluationError) -> Value {
    let value = try expression.evaluate(activation)
    guard let number = value.unwritableNumber else { return value }
    let place = number.path.isEmpty ? "" : "\(number.path): "
    throw EvaluationError(
      .overflow, place + number.message, at: 0..<expression.source.utf8.count, help: "string(x) writes it as a text")
  }

  // MARK: - View

  private func append(_ value: Value, to buffer: inout ByteBuffer, _ console: Console) {
    if console.format == .json {
      buffer.append(shown(value, console))
    } else {
      buffer.appendJSON(value)
    }
    buffer.append(0x0A)
  }

  private func shown(_ value: Value, _ console: Console) -> String {
    guard console.format == .json else { return value.json() }
    return Value.map(ValueMap([("type", .string(value.typeName)), ("value", value)])).json()
  }

  private func show(_ message: String, _ source: String, _ range: Range<Int>, _ help: String?, _ console: Console) {
    console.report(
      CommandFailure(.findings, message + "\n" + ExpressionMark(source: source, range: range).text, help: help))
  }
}
