/// Reads JSON texts (RFC 8259) into values.
///
/// Keys keep their order, numbers their digits: a whole number that fits 64 bits becomes an int, every other number a
/// ``Decimal`` that is written back as it came. Of two entries with one key the later wins. Lone surrogates are refused, as
/// they are not text.
///
/// A parser remembers the shapes of the objects it met, so one parser for many texts of a kind is faster than one each.
public struct JSONParser: ~Copyable {
  /// What a text may ask of the reader.
  public let limits: JSONLimits
  var tree = ShapeTree()
  var text: UnsafePointer<UInt8>
  var end = 0
  var at = 0
  /// Finished values whose array or object is not finished yet.
  private var stack: UnsafeMutablePointer<Value>
  private var stackCount = 0
  private var stackCapacity = 256
  var scratch = ByteBuffer(capacity: 256)

  /// A parser that has met nothing yet.
  public init(limits: JSONLimits = JSONLimits()) {
    self.limits = limits
    stack = .allocate(capacity: 256)
    // Never read: `end` is 0 until a text is there.
    text = UnsafePointer(UnsafeRawPointer(stack).assumingMemoryBound(to: UInt8.self))
  }

  deinit {
    stack.deinitialize(count: stackCount)
    stack.deallocate()
  }

  /// The value a whole text stands for.
  public mutating func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
    var result: Result<Value, JSONError> = .success(.null)
    bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONError) {
        result = .success(try parse(buffer))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  /// The value a whole text stands for; the bytes are only looked at during the call.
  public mutating func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { throw JSONError(message: "the text is empty", offset: 0) }
    guard bytes.count <= limits.maximumBytes else {
      throw JSONError(message: "the text has \(bytes.count) bytes, more than \(limits.maximumBytes)", offset: 0)
    }
    text = base
    end = bytes.count
    at = 0
    tree.trim()
    do throws(JSONError) {
      skipSpace()
      try readValue(depth: 0)
      skipSpace()
      if at < end { throw unexpected("the end of the text") }
    } catch {
      stack.deinitialize(count: stackCount)
      stackCount = 0
      throw error
    }
    stackCount -= 1
    return (stack + stackCount).move()
  }

  // MARK: - The stack

  @inline(__always)
  private mutating func push(_ value: consuming Value) {
    if stackCount == stackCapacity { growStack() }
    (stack + stackCount).initialize(to: value)
    stackCount += 1
  }

  @inline(never)
  private mutating func growStack() {
    let larger = UnsafeMutablePointer<Value>.allocate(capacity: stackCapacity * 2)
    larger.moveInitialize(from: stack, count: stackCount)
    stack.deallocate()
    stack = larger
    stackCapacity *= 2
  }

  /// Takes the values above `base` off the stack.
  @inline(__always)
  private mutating func popValues(downTo base: Int) -> [Value] {
    let count = stackCount - base
    let source = stack + base
    stackCount = base
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      if let target = buffer.baseAddress { target.moveInitialize(from: source, count: count) }
      initialized = count
    }
  }

  // MARK: - Grammar

  @inline(__always)
  var next: UInt8 { at < end ? text[at] : 0 }

  @inline(__always)
  mutating func skipSpace() {
    while at < end {
      let byte = text[at]
      if byte > 0x20 || (byte != 0x20 && byte != 0x0A && byte != 0x0D && byte != 0x09) { return }
      at += 1
    }
  }

  private mutating func readValue(depth: Int) throws(JSONError) {
    switch next {
    case 0x22: push(.string(try readString()))
    case 0x7B: try readObject(depth: depth + 1)
    case 0x5B: try readArray(depth: depth + 1)
    case 0x2D, 0x30...0x39: push(try readNumber())
    case 0x74:
      try expect("true")
      push(.bool(true))
    case 0x66:
      try expect("false")
      push(.bool(false))
    case 0x6E:
      try expect("null")
      push(.null)
    default: throw unexpected("a value")
    }
  }

  private mutating func readArray(depth: Int) throws(JSONError) {
    if depth > limits.maximumDepth { throw tooDeep }
    at += 1
    skipSpace()
    if next == 0x5D {
      at += 1
      push(.list([]))
      return
    }
    let base = stackCount
    while true {
      try readValue(depth: depth)
      skipSpace()
      let byte = next
      if byte == 0x2C {
        at += 1
        skipSpace()
      } else if byte == 0x5D {
        at += 1
        break
      } else {
        throw unexpected("',' or ']'")
      }
    }
    push(.list(popValues(downTo: base)))
  }

  private mutating func readObject(depth: Int) throws(JSONError) {
    if depth > limits.maximumDepth { throw tooDeep }
    at += 1
    skipSpace()
    if next == 0x7D {
      at += 1
      push(.map(ValueMap(shape: .empty, values: [])))
      return
    }
    let base = stackCount
    var node = ShapeTree.root
    var looseKeys: [MapKey]?
    while true {
      if looseKeys != nil {
        looseKeys?.append(.string(try readKey()))
      } else {
        let predicted = tree.predicted(after: node, text + at, end - at)
        if predicted >= 0 {
          at += tree.length(of: predicted)
          node = predicted
        } else {
          let found = try readKey(after: node)
          if found >= 0 { node = found } else { looseKeys = tree.keys(to: node) + [.string(try readKey())] }
        }
      }
      skipSpace()
      if next != 0x3A { throw unexpected("':'") }
      at += 1
      skipSpace()
      try readValue(depth: depth)
      skipSpace()
      let byte = next
      if byte == 0x2C {
        at += 1
        skipSpace()
      } else if byte == 0x7D {
        at += 1
        break
      } else {
        throw unexpected("',' or '}'")
      }
    }
    let values = popValues(downTo: base)
    if let looseKeys {
      push(.map(ValueMap(zip(looseKeys, values))))
    } else if tree.hasDuplicate(node) {
      push(.map(ValueMap(zip(tree.keys(to: node), values))))
    } else {
      push(.map(ValueMap(shape: tree.shape(at: node), values: values)))
    }
  }

  private mutating func readKey() throws(JSONError) -> String {
    if next != 0x22 { throw unexpected("a key in quotes") }
    return try readString()
  }

  /// Finds the key's node in the tree of shapes; -1, with the key unread, where the tree is full.
  private mutating func readKey(after node: Int32) throws(JSONError) -> Int32 {
    let start = at
    let key = try readKey()
    let found = tree.child(of: node, text + start, at - start, key: { key })
    if found < 0 { at = start }
    return found
  }

  private mutating func expect(_ word: StaticString) throws(JSONError) {
    let length = word.utf8CodeUnitCount
    for place in 0..<length where at + place >= end || text[at + place] != word.utf8Start[place] {
      throw unexpected("'\(word)'")
    }
    at += length
  }

  // MARK: - Errors

  var tooDeep: JSONError { JSONError(message: "more than \(limits.maximumDepth) levels", offset: at) }

  func unexpected(_ wanted: String) -> JSONError {
    guard at < end else { return JSONError(message: "the text ends where \(wanted) should stand", offset: at) }
    let byte = text[at]
    let shown = byte > 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte 0x\(String(byte, radix: 16))"
    return JSONError(message: "\(shown) where \(wanted) should stand", offset: at)
  }
}

extension Value {
  /// The value a JSON text stands for; see ``JSONParser``.
  public init(json: String, limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(limits: limits)
    self = try parser.parse(Array(json.utf8))
  }

  /// The value a JSON text stands for; see ``JSONParser``.
  public init(jsonBytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
    var parser = JSONParser(limits: limits)
    self = try parser.parse(jsonBytes)
  }
}
