import Connecting
import Digests
public import Keeping
public import Plans
public import Values

/// A queue task's payload as a person edits it, and back.
///
/// The body of a write is kept as a text, byte for byte. Where it is JSON a person sees and edits it as such; where it was not touched
/// the text stays as it was.
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
    let bytes = payload.jsonBytes()
    switch side {
    case .source: _ = try QueryTask(payload: bytes)
    case .target: return try RenderedRequest(bytes: bytes).bytes
    }
    return bytes
  }

  /// The payload with the idempotency keys of the records' new revisions in the place of the old ones, wherever they stand.
  public func rekeyed(_ payload: [UInt8], _ items: [EditedItem]) -> [UInt8] {
    guard let hub, !items.isEmpty else { return payload }
    let keys = items.map { item in
      (
        old: SendKey.text(of: hub, record: item.key, revision: item.oldRevision),
        new: SendKey.text(of: hub, record: item.key, revision: item.newRevision)
      )
    }
    var text = String(decoding: payload, as: UTF8.self)
    for key in keys { text = text.replacing(key.old, with: key.new) }
    if keys.count > 1 {
      func whole(_ keys: [String]) -> String {
        hex(HashFunction.sha256.digest(Array(keys.joined(separator: "\n").utf8)))
      }
      text = text.replacing(whole(keys.map(\.old)), with: whole(keys.map(\.new)))
    }
    return Array(text.utf8)
  }

  private static func replacing(_ name: String, in value: Value, with new: Value) -> Value {
    .map(ValueMap((value.mapValue?.entries ?? []).map { ($0.key, $0.key == .string(name) ? new : $0.value) }))
  }
}
