import Connecting
public import Keeping
public import Plans
public import Values

/// A queue task's payload as a person edits it, and back.
///
/// The body of a write is kept as a text, byte for byte. Where it is JSON a person sees and edits it as such; where it was not touched
/// the text stays as it was. Of a write a person sees the request; what the worker keeps beside it stays.
public struct TaskEditor: Sendable {
  private let side: Side
  private let hub: HubPlan?
  private let original: Value

  /// An editor of a task.
  ///
  /// - Parameter hub: the task's hub, where it is deployed: a write is given new idempotency keys by it.
  public init(side: Side, payload: [UInt8], hub: HubPlan?) throws {
    self.side = side
    self.hub = hub
    original = try Value(jsonBytes: payload)
  }

  /// What a person sees.
  public var document: Value {
    let original = side == .target ? TaskEditor.request(of: original) : original
    // A body that is no JSON, but XML or a form, is edited as the text it is.
    guard side == .target, let body = original["body"]?.stringValue, let parsed = try? Value(json: body),
      parsed.mapValue != nil || parsed.listValue != nil
    else { return original }
    return TaskEditor.replacing("body", in: original, with: parsed)
  }

  /// The payload of an edited document.
  ///
  /// - Throws: in words where it is no query, or no request, any more.
  public func payload(of edited: Value) throws -> [UInt8] {
    var payload = edited
    if side == .target, let body = edited["body"], body.stringValue == nil {
      // What was not touched keeps its bytes.
      let old = document["body"]
      let text = old.map { $0.json() == body.json() } == true ? original["body"]?.stringValue : nil
      payload = TaskEditor.replacing("body", in: edited, with: .string(text ?? body.json()))
    }
    switch side {
    case .source:
      let bytes = payload.jsonBytes()
      _ = try QueryTask(payload: bytes)
      return bytes
    case .target:
      let own = Set(WritePayload.ownMembers)
      if let name = payload.mapValue?.keys.compactMap({ $0.value.stringValue }).first(where: own.contains) {
        throw ConnectingError(.badRequest, "'\(name)' is no part of a request: it says what the worker does with it")
      }
      var write = try WritePayload(bytes: original.jsonBytes())
      write.request = try RenderedRequest(bytes: TaskEditor.request(of: payload).jsonBytes())
      write.problem = nil
      write.isEdited = true
      return write.bytes
    }
  }

  /// The payload with the idempotency keys of the records' new revisions in the place of the old ones, wherever they stand.
  public func rekeyed(_ payload: [UInt8], _ items: [EditedItem]) -> [UInt8] {
    guard let hub, !items.isEmpty, let write = try? WritePayload(bytes: payload) else { return payload }
    let changes = KeyChanges(write, items, of: hub)
    return Array(changes.applied(to: String(decoding: payload, as: UTF8.self)).utf8)
  }

  /// The request of a write, without what is kept beside it.
  private static func request(of write: Value) -> Value {
    let own = Set(WritePayload.ownMembers.map { MapKey.string($0) })
    return .map(ValueMap((write.mapValue?.entries ?? []).filter { !own.contains($0.key) }.map { ($0.key, $0.value) }))
  }

  private static func replacing(_ name: String, in value: Value, with new: Value) -> Value {
    .map(ValueMap((value.mapValue?.entries ?? []).map { ($0.key, $0.key == .string(name) ? new : $0.value) }))
  }
}
