import Values

/// How fast JSON is read and written, on pages of the demo's orders and on orders of 1 KB.
enum JSONBench {
  static func run(seconds: Double) throws -> [Measurement] {
    var measurements: [Measurement] = []
    for (name, page) in [("demo orders", Samples.demoPage), ("1 KB orders", Samples.kilobytePage)] {
      var parser = JSONParser()
      let value = try parser.parse(page)
      measurements.append(
        try measure("JSON to values, \(name)", bytes: page.count, seconds: seconds, wanted: 150) {
          _ = try parser.parse(page)
        })
      var buffer = ByteBuffer(capacity: page.count * 2)
      buffer.appendJSON(value)
      let written = buffer.count
      measurements.append(
        measure("values to JSON, \(name)", bytes: written, seconds: seconds, wanted: 200) {
          buffer.removeAll()
          buffer.appendJSON(value)
        })
    }
    return measurements
  }
}
