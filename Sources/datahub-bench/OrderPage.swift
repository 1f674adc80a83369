import Glibc

/// A page of 100 orders of about 1 KB, rendered once; each page gets its own order numbers.
struct OrderPage: Sendable {
  /// How many orders a page has.
  static let size = 100

  /// What stands before the digits of an order number, and nowhere else.
  private static let prefix = Array("\"SO2026".utf8)
  private static let digits = 10

  private let withMore: [UInt8]
  private let last: [UInt8]
  private let places: [Int]

  init() {
    let orders = (1...OrderPage.size).map(Samples.kilobyteOrder).joined(separator: ",")
    withMore = Array("{\"orders\":[\(orders)],\"more\":true}".utf8)
    last = Array("{\"orders\":[\(orders)],\"more\":false}".utf8)
    places = OrderPage.places(in: withMore)
  }

  /// The page of a number from 1.
  func bytes(page: Int, hasMore: Bool) -> [UInt8] {
    var bytes = hasMore ? withMore : last
    for (index, place) in places.enumerated() {
      var rest = (page - 1) * OrderPage.size + index + 1
      for digit in stride(from: place + OrderPage.digits - 1, through: place, by: -1) {
        bytes[digit] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
    return bytes
  }

  /// The order numbers in a body, in their order.
  static func numbers(in body: [UInt8]) -> [Int] {
    places(in: body).map { place in
      body[place..<place + digits].reduce(0) { $0 * 10 + Int($1 &- UInt8(ascii: "0")) }
    }
  }

  /// Where the digits of order numbers start.
  private static func places(in bytes: [UInt8]) -> [Int] {
    var places: [Int] = []
    bytes.withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      var at = 0
      while at < bytes.count, let found = memchr(start + at, Int32(prefix[1]), bytes.count - at) {
        let place = UnsafeRawPointer(found) - start - 1
        at = place + 2
        guard place >= 0, place + prefix.count + digits <= bytes.count,
          memcmp(start + place, prefix, prefix.count) == 0
        else { continue }
        places.append(place + prefix.count)
        at = place + prefix.count + digits
      }
    }
    return places
  }
}
