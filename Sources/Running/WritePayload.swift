import Connecting
import Keeping
import Values

/// What a write is for.
enum WriteOperation: Sendable, Hashable {
  /// It writes records.
  case write
  /// It is the follow-up call of this name.
  case followUp(String)
  /// It changes records that were written before.
  case update
  /// It takes records back.
  case void
  /// It writes back what a record is called at the target.
  case writeBack

  /// What it is called in messages and where it is kept that it was done; nil for a plain write.
  var name: String? {
    switch self {
    case .write: nil
    case .followUp(let name): name
    case .update: "update"
    case .void: "void"
    case .writeBack: WriteBack.name
    }
  }

  /// What comes before its messages.
  var prefix: String {
    switch self {
    case .write, .update: ""
    case .followUp(let name): "follow-up call '\(name)': "
    case .void: "void: "
    case .writeBack: "write-back: "
    }
  }

  /// True where it is kept of each record that it was done.
  var isStep: Bool { self != .write && self != .update }
}

/// What a write task keeps: the request as it is sent, and what is to be known beyond that.
///
/// Most hubs need the request alone, and then it is all that is kept.
struct WritePayload: Sendable {
  /// A document, with what calls that follow its write need.
  struct Carried: Sendable {
    var document: Value
    var idempotencyKey: String
    var delivered: OutgoingItem.Delivered?
    /// Which of its record's documents it is, where there are many.
    var part: Int?
    /// What is written back when the target has it.
    var back: Value?
  }

  /// Of which write this is a part.
  struct Split: Sendable {
    /// The write that was refused as a whole.
    var origin: Int64
    /// How many documents it had.
    var units: Int
    /// What the target said.
    var reason: String
  }

  /// The request; nil where it could not be rendered.
  var request: RenderedRequest?
  /// Why there is no request.
  var problem: String?
  var operation = WriteOperation.write
  /// How many records each document is made of; nil where each is made of one.
  var sizes: [Int]?
  /// What each document is looked up by; null for one that is not.
  var sought: [String?]?
  var carried: [Carried]?
  /// Further documents of the record, to be sent when these are done.
  var rest: [Carried]?
  var split: Split?
  /// True where a person edited it: its parts cannot be rendered anew without losing that, so it is never split.
  var isEdited = false
  /// For a write-back: the record it is about.
  var record: WriteItem?

  /// The members beside the request.
  static let ownMembers = [
    "problem", "then", "operation", "sizes", "lookUp", "carried", "record", "rest", "split", "edited",
  ]

  /// A payload of a request.
  init(request: RenderedRequest) { self.request = request }

  /// A payload whose request cannot be made.
  init(problem: String) { self.problem = problem }

  /// The records of each document.
  func units(of items: [WriteItem]) -> [[WriteItem]] {
    if operation == .writeBack { return [[]] }
    if isFannedOut { return (carried ?? []).map { _ in items } }
    guard let sizes, sizes.reduce(0, +) == items.count else { return items.map { [$0] } }
    var rest = items[...]
    return sizes.map { size in
      defer { rest = rest.dropFirst(size) }
      return Array(rest.prefix(size))
    }
  }

  /// True where its documents are all of one record.
  var isFannedOut: Bool { carried?.first?.part != nil }

  // MARK: - Bytes

  /// The payload as JSON: the request with further members.
  var bytes: [UInt8] {
    var members: [(String, Value)] = []
    if let problem { members.append(("problem", .string(problem))) }
    switch operation {
    case .write: break
    case .followUp(let name): members.append(("then", .string(name)))
    case .update, .void, .writeBack: members.append(("operation", .string(operation.name ?? "")))
    }
    if let sizes { members.append(("sizes", .list(sizes.map { .int(Int64($0)) }))) }
    if let sought { members.append(("lookUp", .list(sought.map { $0.map { .string($0) } ?? .null }))) }
    if let carried { members.append(("carried", .list(carried.map(WritePayload.value)))) }
    if isEdited { members.append(("edited", true)) }
    if let record { members.append(("record", ["id": .int(record.record), "revision": .int(record.revision)])) }
    if let rest, !rest.isEmpty { members.append(("rest", .list(rest.map(WritePayload.value)))) }
    if let split {
      members.append(
        ("split", ["of": .int(split.origin), "units": .int(Int64(split.units)), "reason": .string(split.reason)]))
    }
    guard var bytes = request?.bytes else { return Value.map(ValueMap(members)).jsonBytes() }
    if members.isEmpty { return bytes }
    // Both are objects with at least one member: the closing brace of the one makes way for the other.
    bytes.removeLast()
    bytes.append(0x2C)
    bytes += Value.map(ValueMap(members)).jsonBytes().dropFirst()
    return bytes
  }

  /// Reads a payload back.
  ///
  /// - Throws: ``ConnectingError`` where the bytes are none; they may have been edited by a person.
  init(bytes: [UInt8]) throws(ConnectingError) {
    let value: Value
    do throws(JSONError) {
      value = try Value(jsonBytes: bytes, limits: JSONLimits(maximumBytes: .max, maximumDepth: 512))
    } catch {
      throw ConnectingError(.badRequest, "what was kept is not JSON: \(error)")
    }
    problem = value["problem"]?.stringValue
    if problem == nil { request = try RenderedRequest(value) }
    if let name = value["then"]?.stringValue { operation = .followUp(name) }
    if let name = value["operation"]?.stringValue { operation = WritePayload.operation(name) }
    if let number = value.at("record", "id")?.intValue, let revision = value.at("record", "revision")?.intValue {
      record = WriteItem(record: number, revision: revision)
    }
    isEdited = value["edited"]?.boolValue ?? false
    sizes = value["sizes"]?.listValue?.map { Int($0.intValue ?? 1) }
    sought = value["lookUp"]?.listValue?.map(\.stringValue)
    carried = value["carried"]?.listValue?.map(WritePayload.carried)
    rest = value["rest"]?.listValue?.map(WritePayload.carried)
    split = value["split"].flatMap { split in
      guard let origin = split["of"]?.intValue, let units = split["units"]?.intValue else { return nil }
      return Split(origin: origin, units: Int(units), reason: split["reason"]?.stringValue ?? "")
    }
  }

  private static func operation(_ name: String) -> WriteOperation {
    switch name {
    case "void": .void
    case WriteBack.name: .writeBack
    default: .update
    }
  }

  private static func carried(_ unit: Value) -> Carried {
    Carried(
      document: unit["document"] ?? .null, idempotencyKey: unit["key"]?.stringValue ?? "",
      delivered: unit.at("delivered", "revision")?.intValue.map {
        .init(revision: $0, id: unit.at("delivered", "id")?.stringValue)
      }, part: unit["part"]?.intValue.map { Int($0) }, back: unit["back"])
  }

  private static func value(of carried: Carried) -> Value {
    var members: [(String, Value)] = [
      ("document", carried.document), ("key", .string(carried.idempotencyKey)),
      ("delivered", WriteProgram.value(of: carried.delivered)),
    ]
    if let back = carried.back { members.append(("back", back)) }
    if let part = carried.part { members.append(("part", .int(Int64(part)))) }
    return .map(ValueMap(members))
  }
}
