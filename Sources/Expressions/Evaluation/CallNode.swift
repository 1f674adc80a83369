import Values

/// A call of a function.
final class CallNode: Node {
  let range: Range<Int>
  private let function: Function
  private let arguments: [any Node]

  init(_ function: Function, _ arguments: [any Node], range: Range<Int>) {
    self.function = function
    self.arguments = arguments
    self.range = range
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    switch function.body {
    case .one(let body):
      let value = try arguments[0].evaluate(&frame)
      do throws(Failure) {
        return try body(value, &frame)
      } catch {
        throw complete(error, [value])
      }
    case .two(let body):
      let first = try arguments[0].evaluate(&frame)
      let second = try arguments[1].evaluate(&frame)
      do throws(Failure) {
        return try body(first, second, &frame)
      } catch {
        throw complete(error, [first, second])
      }
    case .many(let body):
      let values = try values(&frame)
      do throws(Failure) {
        return try body(values, &frame)
      } catch {
        throw complete(error, values)
      }
    case .host(let body):
      var values = try values(&frame)
      for place in values.indices {
        if case .map(let map) = values[place], Optionals.isOpaque(map) {
          values[place] = try Optionals.resolved(values[place], &frame)
        }
      }
      do {
        return try body(values)
      } catch let error as EvaluationError {
        let help = error.help
        throw complete(Failure(error.kind, error.message, help: { help }), values)
      } catch let failure as Failure {
        throw complete(failure, values)
      } catch {
        throw Failure(.invalidArgument, "\(function.name)(): \(error)", at: range)
      }
    }
  }

  private func values(_ frame: inout Frame) throws(Failure) -> [Value] {
    var values: [Value] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.evaluate(&frame)) }
    return values
  }

  /// Adds what the function itself does not know: its place, and the types it was called with.
  private func complete(_ failure: Failure, _ values: [Value]) -> Failure {
    guard failure.kind == .noSuchOverload, failure.message.isEmpty else { return failure.placed(at: range) }
    let types = values.map(\.celTypeName.shortTypeName).joined(separator: ", ")
    let signatures = function.signatures
    return Failure(
      .noSuchOverload, "no such overload: \(function.name)(\(types))", at: range,
      help: failure.help ?? {
        signatures.isEmpty ? nil : "there is " + signatures.joined(separator: ", ")
      })
  }
}
