import Values

/// What a query for orders asks, from its `biz` parameter.
struct ShopQuery: Sendable {
  private(set) var page = 1
  private(set) var size = 30
  /// Seconds since 1970, both ends included, as the vendor has it.
  private(set) var window: ClosedRange<Int64>?
  private(set) var names: [String]?
  private(set) var status: String?

  /// The vendor's limits.
  static let maximumSize = 50
  static let maximumSpan: Int64 = 7 * 86_400
  static let maximumNames = 20

  /// Why a query is refused, in words.
  struct Refusal: Error {
    let message: String
  }

  init(biz text: String) throws(Refusal) {
    let biz: Value
    do throws(JSONError) {
      biz = try Value(json: text, limits: JSONLimits(maximumBytes: 1 << 16, maximumDepth: 8))
    } catch {
      throw Refusal(message: "biz 不是合法的 JSON: \(error)")
    }
    guard biz.mapValue != nil else { throw Refusal(message: "biz 必须是 JSON 对象") }
    page = try ShopQuery.number(biz["page_index"], "page_index", 1...1_000_000) ?? page
    size = try ShopQuery.number(biz["page_size"], "page_size", 1...ShopQuery.maximumSize) ?? size
    window = try ShopQuery.window(biz["modified_begin"], biz["modified_end"])
    names = try ShopQuery.names(biz["so_ids"])
    if let status = biz["status"], !status.isNull {
      guard let text = status.stringValue else { throw Refusal(message: "status 必须是文本") }
      self.status = text.isEmpty ? nil : text
    }
  }

  private static func number(_ value: Value?, _ name: String, _ range: ClosedRange<Int>) throws(Refusal) -> Int? {
    guard let value, !value.isNull else { return nil }
    guard case .int(let number) = value, let number = Int(exactly: number), range.contains(number) else {
      throw Refusal(message: "\(name) 必须是 \(range.lowerBound) 到 \(range.upperBound) 的整数")
    }
    return number
  }

  private static func window(_ begin: Value?, _ end: Value?) throws(Refusal) -> ClosedRange<Int64>? {
    let begin = begin ?? .null
    let end = end ?? .null
    if begin.isNull && end.isNull { return nil }
    guard !begin.isNull, !end.isNull else { throw Refusal(message: "modified_begin 与 modified_end 必须同时存在") }
    guard let first = begin.stringValue.flatMap({ BeijingTime.seconds($0) }),
      let last = end.stringValue.flatMap({ BeijingTime.seconds($0) })
    else { throw Refusal(message: "modified_begin, modified_end 的格式为 yyyy-MM-dd HH:mm:ss") }
    guard first <= last else { throw Refusal(message: "modified_begin 晚于 modified_end") }
    guard last - first <= maximumSpan else { throw Refusal(message: "modified_begin 与 modified_end 间隔不能超过七天") }
    return first...last
  }

  private static func names(_ value: Value?) throws(Refusal) -> [String]? {
    guard let value, !value.isNull else { return nil }
    guard let list = value.listValue, (1...maximumNames).contains(list.count) else {
      throw Refusal(message: "so_ids 必须是 1 到 \(maximumNames) 个元素的数组")
    }
    let names = list.compactMap(\.stringValue)
    guard names.count == list.count else { throw Refusal(message: "so_ids 的元素必须是文本") }
    return names
  }
}
