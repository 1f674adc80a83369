import Values

/// One order of the shop.
struct ShopOrder: Sendable {
  /// Its number in the file, from 1.
  let number: Int64
  /// The number people know it by.
  let name: String
  let customer: String
  /// The day of the order as in the file.
  let day: String
  let units: Int64
  /// What is to be paid, with the digits of the file.
  var amount: Decimal
  /// When it was last changed, in seconds since 1970.
  var modified: Int64

  /// Writes the order as the shop's interface has it.
  func append(to text: inout ByteBuffer) {
    text.append(#"{"o_id":"#)
    text.appendInteger(number)
    text.append(#","so_id":"#)
    text.appendJSONString(name)
    text.append(#","shop_id":10001,"shop_name":"CDNOW","shop_buyer_id":"#)
    text.appendJSONString(customer)
    text.append(#","status":"Confirmed","order_date":""#)
    text.append(day)
    text.append(#" 00:00:00","modified":""#)
    text.append(BeijingTime.text(modified))
    text.append(#"","currency":"USD","pay_amount":"#)
    text.append(amount.description)
    text.append(#","items":[{"oi_id":"#)
    text.appendInteger(number)
    text.append(#","sku_id":"CD","name":"Compact disc","qty":"#)
    text.appendInteger(units)
    text.append(#","amount":"#)
    text.append(amount.description)
    text.append("}]}")
  }

  /// The status every order of the file has.
  static let status = "Confirmed"
}
