import Glibc
import Values

extension Functions {
  /// The rest of CEL's math library (its reference implementation, `ext/math`), and sets (`ext/sets`).
  static let bitsAndSets: [Function] =
    [
      test("math.isNaN", "Whether a floating point number is none.", "math.isNaN(0.5)") { $0.isNaN },
      test("math.isInf", "Whether a floating point number is infinite.", "math.isInf(1.0 / 0.0)") { $0.isInfinite },
      test("math.isFinite", "Whether a floating point number is finite.", "math.isFinite(0.5)") { $0.isFinite },
      Function(
        "math.trunc", .global, ["math.trunc(double) -> double", "math.trunc(decimal) -> decimal"],
        "The number without its fraction.", example: "math.trunc(-1.3)"
      ) { (value: Value, _: inout Frame) throws(Failure) in
        switch value {
        case .double(let number): return .double(number.rounded(.towardZero))
        case .decimal(let number): return try rounded(number, 0, .down)
        default: throw Failure.noOverload
        }
      },
      Function(
        "math.sqrt", .global, ["math.sqrt(N) -> double"],
        "The square root, as a floating point number; not a number for a negative one.", example: "math.sqrt(81)"
      ) { (value: Value, _: inout Frame) throws(Failure) in
        switch value {
        case .int(let number): return .double(Double(number).squareRoot())
        case .uint(let number): return .double(Double(number).squareRoot())
        case .double(let number): return .double(number.squareRoot())
        case .decimal(let number): return .double(number.double.squareRoot())
        default: throw Failure.noOverload
        }
      },
      bits("math.bitAnd", "The bits that both numbers have.", "math.bitAnd(6, 3)") { $0 & $1 },
      bits("math.bitOr", "The bits that one of two numbers has.", "math.bitOr(6, 3)") { $0 | $1 },
      bits("math.bitXor", "The bits that only one of two numbers has.", "math.bitXor(6, 3)") { $0 ^ $1 },
      Function(
        "math.bitNot", .global, ["math.bitNot(int) -> int", "math.bitNot(uint) -> uint"],
        "The number with every bit turned.", example: "math.bitNot(1)"
      ) { (value: Value, _: inout Frame) throws(Failure) in
        switch value {
        case .int(let number): return .int(~number)
        case .uint(let number): return .uint(~number)
        default: throw Failure.noOverload
        }
      },
      shift("math.bitShiftLeft", "The bits moved up; 0 beyond 63 places.", "math.bitShiftLeft(1, 3)") { $0 << $1 },
      shift(
        "math.bitShiftRight", "The bits moved down, with zeroes behind; 0 beyond 63 places.", "math.bitShiftRight(8, 2)"
      ) {
        $0 >> $1
      },
      set("sets.contains", "Whether the first list has all that the second has.", "sets.contains([1, 2, 3], [2])") {
        (mine: [Value], theirs: [Value], frame: inout Frame) throws(Failure) in
        try holdsAll(mine, theirs, &frame)
      },
      set("sets.equivalent", "Whether two lists have the same elements.", "sets.equivalent([1, 2], [2, 2, 1])") {
        (mine: [Value], theirs: [Value], frame: inout Frame) throws(Failure) in
        if try !holdsAll(mine, theirs, &frame) { return false }
        return try holdsAll(theirs, mine, &frame)
      },
      set("sets.intersects", "Whether two lists have an element in common.", "sets.intersects([1, 2], [2, 9])") {
        (mine: [Value], theirs: [Value], frame: inout Frame) throws(Failure) in
        for item in theirs where try holds(mine, item, &frame) { return true }
        return false
      },
      Function(
        "lists.range", .global, ["lists.range(int) -> list(int)"],
        "The whole numbers from 0 up to, but not including, a number.",
        example: "lists.range(3)"
      ) { (value: Value, frame: inout Frame) throws(Failure) in
        guard case .int(let count) = value else { throw Failure.noOverload }
        guard (0...1_000_000).contains(count) else { throw Failure.invalid("a range has 0 to 1000000 elements") }
        try frame.charge(Int(count))
        return .list((0..<count).map { .int($0) })
      },
    ]

  private static func test(
    _ name: String, _ summary: String, _ example: String, _ holds: @escaping @Sendable (Double) -> Bool
  ) -> Function {
    Function(name, .global, ["\(name)(double) -> bool"], summary, example: example) {
      (value: Value, _: inout Frame) throws(Failure) in
      guard case .double(let number) = value else { throw Failure.noOverload }
      return .bool(holds(number))
    }
  }

  private static func bits(
    _ name: String, _ summary: String, _ example: String, _ combine: @escaping @Sendable (UInt64, UInt64) -> UInt64
  ) -> Function {
    Function(name, .global, ["\(name)(int, int) -> int", "\(name)(uint, uint) -> uint"], summary, example: example) {
      (left: Value, right: Value, _: inout Frame) throws(Failure) in
      switch (left, right) {
      case (.int(let a), .int(let b)):
        return .int(Int64(bitPattern: combine(UInt64(bitPattern: a), UInt64(bitPattern: b))))
      case (.uint(let a), .uint(let b)): return .uint(combine(a, b))
      default: throw Failure.noOverload
      }
    }
  }

  private static func shift(
    _ name: String, _ summary: String, _ example: String, _ move: @escaping @Sendable (UInt64, Int) -> UInt64
  ) -> Function {
    Function(name, .global, ["\(name)(int, int) -> int", "\(name)(uint, int) -> uint"], summary, example: example) {
      (value: Value, places: Value, _: inout Frame) throws(Failure) in
      guard case .int(let count) = places else { throw Failure.noOverload }
      guard count >= 0 else { throw Failure.invalid("bits are moved by 0 places or more, not by \(count)") }
      switch value {
      case .int(let number):
        return .int(count > 63 ? 0 : Int64(bitPattern: move(UInt64(bitPattern: number), Int(count))))
      case .uint(let number): return .uint(count > 63 ? 0 : move(number, Int(count)))
      default: throw Failure.noOverload
      }
    }
  }

  private static func set(
    _ name: String, _ summary: String, _ example: String,
    _ body: @escaping @Sendable ([Value], [Value], inout Frame) throws(Failure) -> Bool
  ) -> Function {
    Function(name, .global, ["\(name)(list(T), list(T)) -> bool"], summary, example: example) {
      (left: Value, right: Value, frame: inout Frame) throws(Failure) in
      guard case .list(let mine) = left, case .list(let theirs) = right else { throw Failure.noOverload }
      return .bool(try body(mine, theirs, &frame))
    }
  }

  private static func holdsAll(
    _ items: [Value], _ wanted: [Value], _ frame: inout Frame
  ) throws(Failure) -> Bool {
    for item in wanted where try !holds(items, item, &frame) { return false }
    return true
  }

  private static func holds(_ items: [Value], _ wanted: Value, _ frame: inout Frame) throws(Failure) -> Bool {
    try frame.charge(1 + items.count)
    for item in items where try Operators.equal(item, wanted, &frame) { return true }
    return false
  }
}
