import Values

/// Reads the file of orders: `order_no,customer_id,order_date,units,amount`, without quoting.
enum OrderFile {
  static let header = "order_no,customer_id,order_date,units,amount"

  /// The orders in the order of the file; their times are those of the file, at midnight in Beijing.
  static func orders(_ bytes: [UInt8], path: String) throws(SandboxError) -> [ShopOrder] {
    var orders: [ShopOrder] = []
    orders.reserveCapacity(bytes.count / 32)
    var names: Set<String> = []
    var number = 0
    for var line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if line.last == 0x0D { line.removeLast() }
      if number == 1 {
        guard String(decoding: line, as: UTF8.self) == header else {
          throw problem(path, 1, "the header \"\(header)\" is expected")
        }
        continue
      }
      if line.isEmpty { continue }
      let order = try order(line, number: Int64(orders.count + 1), at: number, path: path)
      guard names.insert(order.name).inserted else {
        throw problem(path, number, "the order_no is not the first of its kind")
      }
      orders.append(order)
    }
    guard !orders.isEmpty else { throw problem(path, 1, "there are no orders") }
    return orders
  }

  private static func order(
    _ line: ArraySlice<UInt8>, number: Int64, at place: Int, path: String
  ) throws(SandboxError) -> ShopOrder {
    let fields = line.split(separator: 0x2C, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
    guard fields.count == 5 else { throw problem(path, place, "five fields are expected, there are \(fields.count)") }
    guard !fields[0].isEmpty else { throw problem(path, place, "order_no is empty") }
    guard let midnight = BeijingTime.midnight(fields[2]) else {
      throw problem(path, place, "order_date is not a day of the form 1997-01-31")
    }
    guard let units = Int64(fields[3]), units >= 0 else { throw problem(path, place, "units is not a whole number") }
    guard let amount = Decimal(fields[4]), ERPWrite.amount(.decimal(amount)) != nil else {
      throw problem(path, place, "amount is not a decimal number")
    }
    return ShopOrder(
      number: number, name: fields[0], customer: fields[1], day: fields[2], units: units, amount: amount,
      modified: midnight)
  }

  private static func problem(_ path: String, _ line: Int, _ reason: String) -> SandboxError {
    SandboxError(code: .malformed, message: "\(path), line \(line): \(reason)")
  }
}
