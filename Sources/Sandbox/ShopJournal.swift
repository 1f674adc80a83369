import Values

/// One line of the shop's journal.
enum ShopJournal: Sendable {
  /// The first start, in seconds since 1970, and the digest of the file of orders.
  case start(Int64, source: String)
  /// A change of an order, by its number.
  case change(order: Int, amount: Decimal, modified: Int64)

  /// Writes a line.
  static func append(_ entry: ShopJournal, to lines: inout ByteBuffer) {
    switch entry {
    case .start(let time, let source): lines.appendJSON(["firstStart": .int(time), "source": .string(source)])
    case .change(let order, let amount, let modified):
      lines.appendJSON(["order": .int(Int64(order)), "amount": .decimal(amount), "modified": .int(modified)])
    }
    lines.append(0x0A)
  }

  /// Reads a line back.
  static func read(_ line: ArraySlice<UInt8>, number: Int, path: String) throws(SandboxError) -> ShopJournal {
    let entry: Value
    do throws(JSONError) {
      entry = try Value(jsonBytes: Array(line))
    } catch {
      throw SandboxError(code: .malformed, message: "\(path), line \(number): \(error)")
    }
    if number == 1, let time = entry["firstStart"]?.intValue, let source = entry["source"]?.stringValue {
      return .start(time, source: source)
    }
    if number > 1, let order = entry["order"]?.intValue, let amount = ERPWrite.amount(entry["amount"]),
      let modified = entry["modified"]?.intValue
    {
      return .change(order: Int(order), amount: amount, modified: modified)
    }
    throw SandboxError(code: .malformed, message: "\(path), line \(number): this is not a line of the shop's")
  }
}
