import Expressions
import Templates
import Values

/// What expressions promise for any text.
enum ExpressionFuzz {
  private static let records: [Value] = {
    let texts = [
      #"{"amount": 12.50, "status": "ok2x", "t": "2026-11-24 03:10:14", "items": [{"sku": "A", "qty": 2}, {"sku": "B", "qty": 0}]}"#,
      #"{"amount": -9223372036854775808, "status": null, "t": 0, "items": {}}"#, "[1, 2]", "null",
    ]
    // Constants that a test reads.
    return texts.compactMap { try? Value(json: $0) }
  }()

  static func run(_ input: [UInt8]) throws {
    let text = String(decoding: input, as: UTF8.self)
    _ = try? ExpressionText.parse(text)  // what is wrong with it is not asked
    let expression: Expression
    do throws(ExpressionIssues) {
      expression = try Expression(text, environment: ExpressionScope.record.environment)
    } catch {
      for issue in error.issues where issue.range.upperBound > text.utf8.count {
        throw FuzzTarget.Failure("an issue at \(issue.range), behind the text: \(issue.message)")
      }
      return
    }
    for record in records {
      var activation = Activation(environment: ExpressionScope.record.environment)
      activation.costLimit = 20_000
      activation.set("record", record)
      do throws(EvaluationError) {
        let value = try expression.evaluate(activation)
        _ = value.jsonBytes()
      } catch {
        _ = "\(error)"
      }
    }
  }
}
