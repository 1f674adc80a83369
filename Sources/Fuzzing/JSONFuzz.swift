import Values

/// What the JSON parser and writer promise for any bytes.
enum JSONFuzz {
  static func run(_ input: [UInt8]) throws {
    let value: Value
    do {
      value = try Value(jsonBytes: input)
    } catch {
      return
    }
    let written = value.jsonBytes()
    let again: Value
    do {
      again = try Value(jsonBytes: written)
    } catch {
      throw FuzzTarget.Failure("what was written cannot be read: \(error)")
    }
    guard again == value else { throw FuzzTarget.Failure("what was written is read as another value") }
    guard again.jsonBytes() == written else { throw FuzzTarget.Failure("what was read is written otherwise") }
    _ = value.jsonBytes(sortedKeys: true)
  }
}
