import Values

/// The records the benches run on; always the same.
enum Samples {
  /// A page of 50 orders as the demo's shop answers it.
  static let demoPage: [UInt8] = page(count: 50) { number in
    """
    {"o_id":\(number),"so_id":"CD\(pad(number, 6))","shop_id":10001,"shop_name":"CDNOW","shop_buyer_id":"\(pad(number * 7 % 2357, 4))",\
    "status":"Confirmed","order_date":"1997-01-\(pad(number % 28 + 1, 2)) 00:00:00","modified":"2026-10-03 11:22:\(pad(number % 60, 2))",\
    "currency":"USD","pay_amount":\(number % 90 + 10).\(pad(number % 100, 2)),"items":[{"oi_id":\(number),"sku_id":"CD",\
    "name":"Compact disc","qty":\(number % 5 + 1),"amount":\(number % 90 + 10).\(pad(number % 100, 2))}]}
    """
  }

  /// A page of 100 orders of about 1 KB.
  static let kilobytePage: [UInt8] = page(count: 100, kilobyteOrder)

  /// One order of about 1 KB: an address, Chinese text, three lines.
  static func kilobyteOrder(_ number: Int) -> String {
    let lines = (1...3).map { line in
      """
      {"oi_id":\(number * 10 + line),"sku_id":"SKU-\(pad(number * line % 9999, 5))","name":"纯棉短袖衬衫 蓝色 XL","qty":\(line),\
      "price":\(number % 300 + 19).90,"amount":\((number % 300 + 19) * line).\(90 * line % 100),"is_gift":false,"batch_no":null}
      """
    }
    return """
      {"o_id":\(number),"so_id":"SO2026\(pad(number, 10))","shop_id":10001,"shop_name":"旗舰店","shop_site":"tmall",\
      "status":"Confirmed","order_type":"普通订单","created":"2026-11-20 08:11:\(pad(number % 60, 2))",\
      "modified":"2026-11-24 10:02:\(pad(number % 60, 2))","pay_date":"2026-11-20 08:12:03","currency":"CNY",\
      "pay_amount":\((number % 300 + 19) * 6).40,"freight":8.00,"discount":0.50,"wms_co_id":101,"warehouse":"W\(pad(number % 30, 2))",\
      "receiver":{"name":"王小明","mobile":"138****\(pad(number % 9999, 4))","state":"浙江省","city":"杭州市","district":"西湖区",\
      "address":"文三路 \(number % 999) 号 5 幢 1203 室","zip":"310012"},"buyer_message":"请尽快发货，谢谢","remark":"",\
      "logistics":{"company":"顺丰速运","code":"SF","no":"SF10\(pad(number, 10))","weight":1.250},\
      "labels":["预售","会员"],"is_split":false,"is_merge":false,"items":[\(lines.joined(separator: ","))]}
      """
  }

  /// A realistic mapping of such an order: texts, a date, a condition, interpolation, exact amounts, lines.
  static let mapping: Value = [
    "number": "${ record.so_id }",
    "type": #"${ record.order_type == "普通订单" ? "XSCKD01" : "XSCKD07" }"#,
    "date":
      #"${ timestamp(record.created, "yyyy-MM-dd HH:mm:ss", "Asia/Shanghai").format("yyyy-MM-dd", "Asia/Shanghai") }"#,
    "customer": ["code": "${ record.shop_site }-${ record.shop_id }", "name": "${ record.shop_name }"],
    "currency": "${ record.currency }",
    "warehouse": "${ record.warehouse }",
    "receiver": "${ record.receiver.name }",
    "phone": "${ record.receiver.mobile }",
    "address": "${ record.receiver.address }",
    "carrier": "${ record.logistics.code }",
    "total": "${ record.pay_amount }",
    "freight": "${ record.freight }",
    "note": "${ record.buyer_message }",
    "lines": [
      "each": "${ record.items }",
      "as": "line",
      "emit": [
        "item": "${ line.sku_id }",
        "quantity": "${ line.qty }",
        "price": "${ line.price }",
        "amount": "${ decimal(line.price) * decimal(line.qty) }",
      ],
    ],
  ]

  private static func page(count: Int, _ order: (Int) -> String) -> [UInt8] {
    let orders = (1...count).map(order).joined(separator: ",")
    return Array(
      "{\"code\":0,\"msg\":\"执行成功\",\"data\":{\"page_index\":1,\"has_next\":true,\"orders\":[\(orders)]}}".utf8)
  }

  private static func pad(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
