import Values

extension Functions {
  static let lists: [Function] = [
    Function(
      "sort", .member, ["list(T).sort() -> list(T)"], "The elements in ascending order; all must be comparable.",
      example: "record.codes.sort()", one: sort),
    // What the parser writes for the macros `sortBy` and `transformMapEntry`.
    Function(
      "@sortByKeys", .member, ["list(T).@sortByKeys(list(K)) -> list(T)"],
      "The elements in the ascending order of their keys.", example: "1"
    ) { (value: Value, keys: Value, frame: inout Frame) throws(Failure) in
      try sorted(items(value), by: items(keys), &frame)
    },
    Function(
      "@mergeEntries", .member, ["list(map(K, V)).@mergeEntries() -> map(K, V)"], "The entries of all maps in one.",
      example: "1", one: mergeEntries),
    Function(
      "distinct", .member, ["list(T).distinct() -> list(T)"], "The elements without those that came before.",
      example: "record.items.map(item, item.sku).distinct()", one: distinct),
    Function(
      "sum", .both, ["list(T).sum() -> T", "sum(list(T)) -> T"],
      "The sum of the elements, exact for ints and decimals; 0 for none.",
      example: "record.items.map(item, item.qty).sum()", one: sum),
    Function(
      "min", .both, ["list(T).min() -> T", "min(list(T)) -> T"], "The least element.", example: "record.prices.min()"
    ) { (value: Value, frame: inout Frame) throws(Failure) in try extreme(items(value), .less, &frame) },
    Function(
      "max", .both, ["list(T).max() -> T", "max(list(T)) -> T"], "The greatest element.", example: "record.prices.max()"
    ) { (value: Value, frame: inout Frame) throws(Failure) in try extreme(items(value), .greater, &frame) },
    Function(
      "flatten", .member, arity: 1...2, ["list(dyn).flatten() -> list(dyn)", "list(dyn).flatten(int) -> list(dyn)"],
      "The elements, with those of lists among them in their lists' places.",
      example: "[[1, 2], [3]].flatten()", many: flatten),
    Function(
      "slice", .member, arity: 3...3, ["list(T).slice(int, int) -> list(T)"],
      "The elements from a place up to but not including another.", example: "record.items.slice(0, 1)", many: slice),
    Function(
      "first", .member, ["list(T).first() -> optional_type(T)"],
      "The first element, as an optional; none where there is no element.",
      example: "record.items.first().sku.orValue(\"none\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      Optionals.wrap(try items(value).first)
    },
    Function(
      "last", .member, ["list(T).last() -> optional_type(T)"],
      "The last element, as an optional; none where there is no element.",
      example: "record.items.last().value().sku"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      Optionals.wrap(try items(value).last)
    },
    Function(
      "math.greatest", .global, arity: 1...1_000,
      ["math.greatest(N...) -> N", "math.greatest(list(N)) -> N"],
      "The greatest of its arguments.", example: "math.greatest(record.qty, 1)"
    ) { (values: [Value], frame: inout Frame) throws(Failure) in try extremeNumber(values, .greater, &frame) },
    Function(
      "math.least", .global, arity: 1...1_000, ["math.least(N...) -> N", "math.least(list(N)) -> N"],
      "The least of its arguments.", example: "math.least(record.qty, 100)"
    ) { (values: [Value], frame: inout Frame) throws(Failure) in try extremeNumber(values, .less, &frame) },
  ]

  private static func items(_ value: Value) throws(Failure) -> [Value] {
    guard case .list(let items) = value else { throw Failure.noOverload }
    return items
  }

  private static func some(_ item: Value?) throws(Failure) -> Value {
    guard let item else { throw Failure(.noSuchKey, "the list is empty", help: { "ask for size() first" }) }
    return item
  }

  private static func sort(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    let items = try items(value)
    return try sorted(items, by: items, &frame)
  }

  private static func sorted(_ items: [Value], by keys: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    guard keys.count == items.count else { throw Failure(.noSuchOverload, "sortBy() runs over a list, not a map") }
    let before = frame.budget
    for key in keys { try frame.charge(weightOf: key) }
    try frame.charge((before - frame.budget) * (Int.bitWidth - items.count.leadingZeroBitCount))
    do {
      // Places break ties, so that the order of equal elements is kept.
      let order = try items.indices.sorted { a, b in
        switch try Operators.order(keys[a], keys[b], .less, &frame) {
        case .less: true
        case .equal, .unordered: a < b
        case .greater: false
        }
      }
      return .list(order.map { items[$0] })
    } catch let failure as Failure {
      throw failure
    } catch {
      preconditionFailure("ordering values throws failures only")
    }
  }

  private static func mergeEntries(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    var builder = MapBuilder()
    for item in try items(value) {
      guard case .map(let map) = item, item.optionalContent == nil else {
        throw Failure(.noSuchOverload, "transformMapEntry() gathers maps, not \(item.typeName.withArticle)") {
          "write the entry as a map, as in {key: value}"
        }
      }
      try frame.charge(1 + map.count)
      for (slot, key) in map.shape.keys.enumerated() { try builder.add(key.value, map.values[slot]) }
    }
    return .map(builder.map)
  }

  private static func distinct(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    let items = try items(value)
    for item in items { try frame.charge(weightOf: item) }
    var seen: Set<Value> = []
    return .list(items.filter { seen.insert($0).inserted })
  }

  private static func sum(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    let items = try items(value)
    guard var total = items.first else { return .int(0) }
    try frame.charge(items.count)
    switch total {
    case .int, .uint, .double, .decimal, .duration: break
    default: throw Failure(.noSuchOverload, "sum() adds numbers, not \(total.typeName.withArticle)")
    }
    for item in items.dropFirst() { total = try Operators.arithmetic(.add, total, item, &frame) }
    return total
  }

  private static func extreme(
    _ items: [Value], _ wanted: NumericOrder, _ frame: inout Frame
  ) throws(Failure) -> Value {
    var best = try some(items.first)
    try frame.charge(items.count)
    for item in items.dropFirst() where try Operators.order(item, best, .less, &frame) == wanted { best = item }
    return best
  }

  private static func extremeNumber(
    _ values: [Value], _ wanted: NumericOrder, _ frame: inout Frame
  ) throws(Failure) -> Value {
    var numbers = values
    if values.count == 1, case .list(let items) = values[0] { numbers = items }
    for number in numbers where Operators.numericOrder(number, .int(0)) == nil { throw Failure.noOverload }
    return try extreme(numbers, wanted, &frame)
  }

  private static func flatten(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    var depth = 1
    if arguments.count == 2 {
      guard case .int(let levels) = arguments[1] else { throw Failure.noOverload }
      guard levels >= 0 else { throw Failure.invalid("the depth to flatten is below 0") }
      depth = Int(min(levels, 1_000))
    }
    var result: [Value] = []
    try flatten(try items(arguments[0]), depth, into: &result, &frame)
    return .list(result)
  }

  private static func flatten(
    _ items: [Value], _ depth: Int, into result: inout [Value], _ frame: inout Frame
  ) throws(Failure) {
    try frame.charge(1 + items.count)
    for item in items {
      if depth > 0, case .list(let inner) = item {
        try flatten(inner, depth - 1, into: &result, &frame)
      } else {
        result.append(item)
      }
    }
    // Elements were paid for as they were looked at.
    if result.count > Frame.maximumElements { try frame.charge(elements: result.count) }
  }

  private static func slice(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    let items = try items(arguments[0])
    let start = try place(arguments[1], upTo: items.count)
    let end = try place(arguments[2], upTo: items.count)
    guard start <= end else { throw Failure.invalid("the part from \(start) to \(end) ends before it starts") }
    try frame.charge(end - start)
    return .list(Array(items[start..<end]))
  }
}

extension Frame {
  /// Pays for walking all through a value.
  ///
  /// Lists share their elements, so a small expression can make a value whose walk never ends.
  mutating func charge(weightOf value: Value) throws(Failure) {
    switch value {
    case .list(let items):
      try charge(1 + items.count)
      for item in items { try charge(weightOf: item) }
    case .map(let map):
      try charge(1 + map.count)
      for item in map.values { try charge(weightOf: item) }
    case .string(let text): try charge(1 + text.utf8.count >> 3)
    case .bytes(let bytes): try charge(1 + bytes.count >> 3)
    default: try charge(1)
    }
  }
}
