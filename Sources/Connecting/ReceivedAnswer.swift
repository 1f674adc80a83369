import HTTPClient
import Synchronization
import Values

/// An answer that has been read and not yet been judged.
struct ReceivedAnswer: Sendable {
  /// What the body is.
  enum Content: Sendable, Equatable {
    case empty
    case json
    /// Text of another kind; where it claims or tries to be JSON, with why it is none.
    case text(problem: String?)
    case html
  }

  let status: Int
  let response: Value
  let content: Content
  /// The body.
  let body: [UInt8]
  let retryAfter: String?
  let duration: Duration

  var isSuccessStatus: Bool { (200..<300).contains(status) }

  var answer: Answer { Answer(status: status, response: response, bytes: body.count, duration: duration) }
}

/// Makes values of answers.
///
/// It remembers the shapes of what it has read: pages of one API look alike.
final class AnswerReader: Sendable {
  private static let shape = Shape(names: ["status", "headers", "body", "text"])

  private let parsers: [ParserSlot]
  private let limits: JSONLimits
  private let headerShapes = ShapeMemory()

  init(maximumBytes: Int) {
    limits = JSONLimits(maximumBytes: maximumBytes)
    let limits = limits
    parsers = (0..<4).map { _ in ParserSlot(limits) }
  }

  func read(_ response: HTTPResponse) -> ReceivedAnswer {
    var headers: [NamedText] = []
    headers.reserveCapacity(response.headers.count)
    for header in response.headers {
      let name = header.name.lowerCasedASCII
      // A header given twice is one list (RFC 9110, section 5.3).
      if let place = headers.firstIndex(where: { $0.name == name }) {
        headers[place].value += ", " + header.value
      } else {
        headers.append(NamedText(name, header.value))
      }
    }
    let type = headers.first { $0.name == "content-type" }?.value ?? ""
    let (content, body) = read(response.body, type: type.lowerCasedASCII)
    let text: Value =
      content == .json || content == .empty ? .null : .string(String(decoding: response.body, as: UTF8.self))
    let value = ValueMap(
      shape: AnswerReader.shape, values: [.int(Int64(response.status)), headerShapes.map(headers), body, text])
    return ReceivedAnswer(
      status: response.status, response: .map(value), content: content, body: response.body,
      retryAfter: headers.first { $0.name == "retry-after" }?.value, duration: response.duration)
  }

  private func read(_ bytes: [UInt8], type: String) -> (ReceivedAnswer.Content, Value) {
    // Nearly all say just that, and searching a text takes long.
    let claimsJSON = type.hasPrefix("application/json") || type.contains("json")
    guard let first = bytes.first(where: { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }) else {
      return (claimsJSON && !bytes.isEmpty ? .text(problem: "the body is blank") : .empty, .null)
    }
    if first == 0x3C, !claimsJSON || AnswerReader.isHTML(bytes) {
      return (AnswerReader.isHTML(bytes) || type.hasPrefix("text/html") ? .html : .text(problem: nil), .null)
    }
    // JSON often comes as text/plain or text/html; a bare number or word is JSON only where it says so.
    guard claimsJSON || first == 0x7B || first == 0x5B || type.isEmpty else { return (.text(problem: nil), .null) }
    do throws(JSONError) {
      return (.json, try parse(bytes))
    } catch {
      return (.text(problem: claimsJSON || first == 0x7B || first == 0x5B ? error.description : nil), .null)
    }
  }

  private static func isHTML(_ bytes: [UInt8]) -> Bool {
    let start = String(decoding: bytes.prefix(512), as: UTF8.self).lowerCasedASCII
    return start.contains("<!doctype html") || start.contains("<html") || start.contains("<head")
      || start.contains("<body")
  }

  private func parse(_ bytes: [UInt8]) throws(JSONError) -> Value {
    for slot in parsers {
      if let result = slot.parse(bytes) { return try result.get() }
    }
    return try Value(jsonBytes: bytes, limits: limits)
  }
}

/// A parser that one thread at a time uses.
private final class ParserSlot: Sendable {
  private let parser: Mutex<JSONParser>

  init(_ limits: JSONLimits) { parser = Mutex(JSONParser(limits: limits)) }

  /// Nil where another thread is using it.
  func parse(_ bytes: [UInt8]) -> Result<Value, JSONError>? {
    parser.withLockIfAvailable { parser -> Result<Value, JSONError> in
      do throws(JSONError) {
        return .success(try parser.parse(bytes))
      } catch {
        return .failure(error)
      }
    }
  }
}

/// Makes maps of named texts; those with the same names share a shape, so that expressions find fields at once.
final class ShapeMemory: Sendable {
  private static let capacity = 8
  private let shapes = Mutex<[Shape]>([])

  func map(_ fields: [NamedText]) -> Value {
    let known = shapes.withLock { shapes in shapes.first { ShapeMemory.fits($0, fields) } }
    if let known { return .map(ValueMap(shape: known, values: fields.map { .string($0.value) })) }
    let map = ValueMap(fields.map { ($0.name, Value.string($0.value)) })
    if map.count == fields.count {
      shapes.withLock { shapes in
        if shapes.count == ShapeMemory.capacity { shapes.removeFirst() }
        shapes.append(map.shape)
      }
    }
    return .map(map)
  }

  private static func fits(_ shape: Shape, _ fields: [NamedText]) -> Bool {
    guard shape.count == fields.count else { return false }
    for (key, field) in zip(shape.keys, fields) {
      guard case .string(let name) = key, name == field.name else { return false }
    }
    return true
  }
}
