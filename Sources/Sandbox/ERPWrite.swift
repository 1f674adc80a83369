import Values

/// One item of a write request, checked as far as can be told without knowing what the ERP holds.
enum ERPWrite: Sendable {
  case sound(Sound)
  case refused(code: String?, ERPRefusal)

  struct Sound: Sendable {
    let isInsert: Bool
    let code: String
    /// The caller's `resubmitCheckKey`; nil where it gave none, so that a repetition is not recognized.
    let key: String?
    let amount: Decimal
    /// The order as JSON, without an `id`: that is the ERP's to give.
    let order: [UInt8]
  }

  /// The longest `resubmitCheckKey`, as the vendor has it.
  static let maximumKeyLength = 32

  init(_ item: Value) {
    guard let order = item["order"]?.mapValue else {
      self = .refused(code: nil, .invalid("order", "an object is expected"))
      return
    }
    let code = order["code"]?.stringValue
    func refuse(_ field: String, _ reason: String) -> ERPWrite { .refused(code: code, .invalid(field, reason)) }
    guard let code, !code.isEmpty, code.utf8.count <= 64 else {
      self = refuse("code", "a text of 1 to 64 bytes is expected")
      return
    }
    let status = item["_status"]?.stringValue
    guard status == "Insert" || status == "Update" else {
      self = refuse("_status", "Insert or Update is expected")
      return
    }
    let key = item["resubmitCheckKey"] ?? .null
    guard key.isNull || key.stringValue.map({ !$0.isEmpty && $0.utf8.count <= Self.maximumKeyLength }) == true else {
      self = refuse("resubmitCheckKey", "a text of 1 to \(Self.maximumKeyLength) bytes is expected")
      return
    }
    guard let customer = order["customer"]?.stringValue, !customer.isEmpty else {
      self = refuse("customer", "a text is expected")
      return
    }
    guard let amount = ERPWrite.amount(order["amount"]) else {
      self = refuse("amount", "a number of at most 24 digits is expected")
      return
    }
    guard let lines = order["lines"]?.listValue, !lines.isEmpty else {
      self = refuse("lines", "an array with an element is expected")
      return
    }
    let kept = order["id"] == nil ? order : ValueMap(order.entries.filter { $0.key != .string("id") }.map { ($0, $1) })
    self = .sound(
      Sound(
        isInsert: status == "Insert", code: code, key: key.stringValue, amount: amount,
        order: Value.map(kept).jsonBytes()))
  }

  /// The amount of an order where it is a number that sums can be made of.
  static func amount(_ value: Value?) -> Decimal? {
    switch value {
    case .int(let number): return Decimal(number)
    case .decimal(let number):
      // 24 digits leave room for the sum of a hundred billion orders.
      guard let coefficient = number.coefficient, (0...12).contains(number.scale),
        coefficient.magnitude < 1_000_000_000_000_000_000_000_000
      else { return nil }
      return number
    default: return nil
    }
  }
}

/// Why the ERP does not take an item.
struct ERPRefusal: Error, Sendable {
  let code: String
  let message: String

  /// The order is there already, made with another key.
  static let exists = ERPRefusal(code: "1001", message: "单据编号已存在")
  /// There is no order to change.
  static let missing = ERPRefusal(code: "1002", message: "单据不存在")
  /// A field is missing or has a value it cannot have.
  static func invalid(_ field: String, _ reason: String) -> ERPRefusal {
    ERPRefusal(code: "1003", message: "字段 \(field) 不合法: \(reason)")
  }
}
