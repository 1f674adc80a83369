import Expressions
import Templates
import Values

/// How fast orders of 1 KB become target documents on one core, from bytes to bytes.
enum MappingBench {
  static func run(seconds: Double) throws -> [Measurement] {
    let orders = (1...100).map { Array(Samples.kilobyteOrder($0).utf8) }
    let mapping = try Template(Samples.mapping, environment: ExpressionScope.mapping.environment)
    var activation = mapping.makeActivation()
    activation.set("delivered", .null)
    activation.set("now", .timestamp(Timestamp(milliseconds: 1_780_000_000_000)))
    var parser = JSONParser()
    var buffer = ByteBuffer(capacity: 4096)
    return [
      try measure("1 KB order to mapped order, read and written", items: orders.count, seconds: seconds, wanted: 60_000)
      {
        for order in orders {
          activation.set("record", try parser.parse(order))
          let document = try mapping.evaluate(&activation)
          buffer.removeAll()
          buffer.appendJSON(document)
        }
      }
    ]
  }
}
