import Values

extension BSONReader {
  /// Appends a field's value as JSON text, without making a value of it.
  func appendJSON(_ field: Field, to text: inout ByteBuffer, depth: Int = 0) throws(BSONError) {
    switch field.type {
    case 0x03, 0x04:
      guard depth < 200 else { throw BSONError("documents lie in each other too deep") }
      let isMap = field.type == 0x03
      text.append(isMap ? 0x7B : 0x5B)
      var isFirst = true
      for item in try fields(of: field.range) {
        if !isFirst { text.append(0x2C) }
        isFirst = false
        if isMap {
          text.appendJSONString(item.name)
          text.append(0x3A)
        }
        try appendJSON(item, to: &text, depth: depth + 1)
      }
      text.append(isMap ? 0x7D : 0x5D)
    case 0x12: text.appendInteger(number(at: field.range.lowerBound))
    case 0x02: text.appendJSONString(try self.text(field.range))
    default: text.appendJSON(try value(field))
    }
  }
}

extension BSONDocument {
  /// The value of a field as JSON text; nil where there is none.
  public func json(_ name: String) throws(BSONError) -> [UInt8]? {
    guard let field = field(name) else { return nil }
    var text = ByteBuffer(capacity: field.range.count)
    try reader.appendJSON(field, to: &text)
    return text.takeBytes()
  }
}
