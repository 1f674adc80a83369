import Values

extension Functions {
  static let optionals: [Function] = [
    Function(
      "optional.of", .global, ["optional.of(T) -> optional_type(T)"], "The value as an optional that is there.",
      example: "optional.of(1).hasValue()"
    ) { (value: Value, _: inout Frame) throws(Failure) in Optionals.some(value) },
    Function(
      "optional.none", .global, arity: 0...0, ["optional.none() -> optional_type(dyn)"],
      "The optional without a value.",
      example: "optional.none().orValue(\"nothing\")"
    ) { (_: [Value], _: inout Frame) throws(Failure) in Optionals.none },
    Function(
      "optional.ofNonZeroValue", .global, ["optional.ofNonZeroValue(T) -> optional_type(T)"],
      "The value as an optional; none for null, false, 0 and what is empty.",
      example: "optional.ofNonZeroValue(\"\").orValue(\"unknown\")"
    ) { (value: Value, _: inout Frame) throws(Failure) in isZero(value) ? Optionals.none : Optionals.some(value) },
    Function(
      "optional.unwrap", .global, ["optional.unwrap(list(optional_type(T))) -> list(T)"],
      "The values of those optionals in a list that have one.",
      example: "optional.unwrap([optional.of(1), optional.none()])", one: unwrap),
    Function(
      "unwrapOpt", .member, ["list(optional_type(T)).unwrapOpt() -> list(T)"],
      "The values of those optionals in a list that have one.",
      example: "record.items.map(i, i.?note).unwrapOpt()", one: unwrap),
    Function(
      "hasValue", .member, ["optional_type(T).hasValue() -> bool"], "Whether an optional has a value.",
      example: "record.?remark.hasValue()"
    ) { (value: Value, _: inout Frame) throws(Failure) in .bool(try inner(value) != nil) },
    Function(
      "value", .member, ["optional_type(T).value() -> T"], "The value of an optional; an error where there is none.",
      example: "optional.of(7).value()"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      if let inner = try inner(value) { return inner }
      throw Failure.invalid("the optional has no value", help: "write orValue(x), or ask hasValue() first")
    },
    // Both are nodes of their own, which leave the argument alone where it is not needed.
    Function(
      "or", .member, ["optional_type(T).or(optional_type(T)) -> optional_type(T)"],
      "The optional, or another where it has no value.", example: "record.?mobile.or(record.?phone).orValue(\"none\")"
    ) { (first: Value, second: Value, _: inout Frame) throws(Failure) in try inner(first) != nil ? first : second },
    Function(
      "orValue", .member, ["optional_type(T).orValue(T) -> T"],
      "The value of an optional, or another where it has none.",
      example: "record.?discount.orValue(0)"
    ) { (first: Value, second: Value, _: inout Frame) throws(Failure) in try inner(first) ?? second },
    // What the parser writes for `a.?b`, `a[?k]`, `[?x]`, `{?k: v}` and the macros; no text can name these.
    Function(
      "_?._", .global, ["_?._(dyn, string) -> optional_type(dyn)"], "An optional field.", example: "record.?remark",
      two: optionalEntry),
    Function(
      "_[?_]", .global,
      [
        "_[?_](list(T), int) -> optional_type(T)", "_[?_](map(K, V), K) -> optional_type(V)",
        "_[?_](dyn, dyn) -> optional_type(dyn)",
      ], "An optional element.", example: "record.items[?0]", two: optionalEntry),
    Function(
      "@list", .global, arity: 0...Int.max, ["@list(dyn...) -> list(dyn)"], "A list with optional elements.",
      example: "[?record.?remark]", many: optionalList),
    Function(
      "@map", .global, arity: 0...Int.max, ["@map(dyn...) -> map(dyn, dyn)"], "A map with optional entries.",
      example: "{?\"remark\": record.?remark}", many: optionalMap),
    Function(
      "@elements", .member, ["optional_type(T).@elements() -> list(T)"], "An optional as a list.", example: "1"
    ) { (value: Value, _: inout Frame) throws(Failure) in .list(try inner(value).map { [$0] } ?? []) },
    Function(
      "@optional", .member, ["list(T).@optional() -> optional_type(T)"], "A list as an optional.", example: "1"
    ) { (value: Value, _: inout Frame) throws(Failure) in Optionals.wrap(value.listValue?.first) },
    Function(
      "@flatOptional", .member, ["list(optional_type(T)).@flatOptional() -> optional_type(T)"],
      "A list as an optional.",
      example: "1"
    ) { (value: Value, _: inout Frame) throws(Failure) in
      guard let item = value.listValue?.first else { return Optionals.none }
      _ = try inner(item)
      return item
    },
  ]

  /// What an optional holds; nil for none.
  private static func inner(_ value: Value) throws(Failure) -> Value? {
    switch value.optionalContent {
    case .some(let inner)?: return inner
    case .none?: return nil
    case nil:
      let type = value.typeName.withArticle
      throw Failure(.noSuchOverload, "an optional is needed here, not \(type)") {
        "an optional comes from x.?field, x[?key] or optional.of(x)"
      }
    }
  }

  private static func isZero(_ value: Value) -> Bool {
    switch value {
    case .null: true
    case .bool(let flag): !flag
    case .int(let number): number == 0
    case .uint(let number): number == 0
    case .double(let number): number == 0
    case .decimal(let number): number.isZero
    case .string(let text): text.isEmpty
    case .bytes(let bytes): bytes.isEmpty
    case .timestamp(let time): time == Timestamp(seconds: 0)
    case .duration(let span): span == TimeSpan(seconds: 0)
    case .list(let items): items.isEmpty
    case .map(let map): map.count == 0
    case .type: false
    }
  }

  private static func unwrap(_ value: Value, _ frame: inout Frame) throws(Failure) -> Value {
    guard case .list(let items) = value else { throw Failure.noOverload }
    try frame.charge(items.count)
    var result: [Value] = []
    for item in items {
      if let inner = try inner(item) { result.append(inner) }
    }
    return .list(result)
  }

  /// The entry of a map or list, of one in an optional as well.
  private static func optionalEntry(_ container: Value, _ key: Value, _ frame: inout Frame) throws(Failure) -> Value {
    switch container {
    case .map(let map):
      switch Optionals.content(map) {
      case .none?: return container
      case .some(let inner)?: return try optionalEntry(inner, key, &frame)
      case nil: return Optionals.wrap(MapKey(key).flatMap { map[$0] })
      }
    case .list(let items):
      guard let index = key.intValue else { throw Failure.noOverload }
      return index >= 0 && index < Int64(items.count) ? Optionals.some(items[Int(index)]) : Optionals.none
    default: throw Failure.noOverload
    }
  }

  /// The elements behind their flags; those flagged are optionals.
  private static func optionalList(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    var items: [Value] = []
    for place in stride(from: 0, to: arguments.count, by: 2) {
      if arguments[place] == true {
        if let inner = try inner(arguments[place + 1]) { items.append(inner) }
      } else {
        items.append(arguments[place + 1])
      }
    }
    return .list(items)
  }

  /// The keys and values behind their flags.
  private static func optionalMap(_ arguments: [Value], _ frame: inout Frame) throws(Failure) -> Value {
    var builder = MapBuilder()
    for place in stride(from: 0, to: arguments.count, by: 3) {
      let isOptional = arguments[place] == true
      guard let value = isOptional ? try inner(arguments[place + 2]) : arguments[place + 2] else { continue }
      try builder.add(arguments[place + 1], value)
    }
    return .map(builder.map)
  }
}
