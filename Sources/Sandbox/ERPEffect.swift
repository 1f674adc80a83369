import Values

/// One line of the ERP's journal: something it did to an order.
struct ERPEffect: Sendable {
  let isInsert: Bool
  let code: String
  let id: String
  let key: String?
  let order: Value
  let amount: Decimal

  /// Writes a line.
  static func append(
    to lines: inout ByteBuffer, isInsert: Bool, code: String, id: String, key: String?, order: [UInt8]
  ) {
    lines.append(isInsert ? #"{"effect":"insert","code":"# : #"{"effect":"update","code":"#)
    lines.appendJSONString(code)
    lines.append(#","id":"#)
    lines.appendJSONString(id)
    lines.append(#","key":"#)
    if let key { lines.appendJSONString(key) } else { lines.append("null") }
    lines.append(#","order":"#)
    lines.append(order)
    lines.append("}\n")
  }

  /// Reads a line back.
  static func read(
    _ line: ArraySlice<UInt8>, number: Int, path: String, _ parser: inout JSONParser
  )
    throws(SandboxError) -> ERPEffect
  {
    func damaged(_ reason: String) -> SandboxError {
      SandboxError(code: .malformed, message: "\(path), line \(number): \(reason)")
    }
    let entry: Value
    do throws(JSONError) {
      entry = try parser.parse(Array(line))
    } catch {
      throw damaged(error.description)
    }
    guard let effect = entry["effect"]?.stringValue, effect == "insert" || effect == "update",
      let code = entry["code"]?.stringValue, let id = entry["id"]?.stringValue, let order = entry["order"],
      let amount = ERPWrite.amount(order["amount"])
    else { throw damaged("this is not an effect of the ERP's") }
    return ERPEffect(
      isInsert: effect == "insert", code: code, id: id, key: entry["key"]?.stringValue, order: order, amount: amount)
  }
}
