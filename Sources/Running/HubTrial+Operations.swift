import Connecting
import Keeping
import Plans
import Values

extension Flow {
  /// True where what goes out is more than a document for each record: groups, many documents of one, changes, voids.
  var makesMoreThanWrites: Bool { grouping != nil || fansOut || delivery.update != nil || delivery.void != nil }
}

extension HubTrial {
  /// Tries a hub whose records become other things than a document each, the way its dispatcher makes writes of them.
  func operations(on records: [Value], _ delivered: [String: Delivered]) async throws -> Outcome {
    var outcome = Outcome()
    var keys: [Int64: String] = [:]
    var maker = WriteMaker(flow, now: now, keepsDocuments: true)
    var renderer = try DocumentRenderer(flow: flow, now: now, finder: finder)
    var groups: [RecordGroup] = []
    var places: [String: Int] = [:]
    for (index, record) in records.enumerated() {
      do {
        let key = try flow.source.key(of: record)
        keys[Int64(index)] = key
        let pending = PendingRecord(
          id: Int64(index), position: Int64(index), key: key, revision: (delivered[key]?.revision ?? 0) + 1,
          content: record.jsonBytes(), delivered: delivered[key], firstSeenAt: now)
        let judged = try flow.judge(record)
        guard judged.isSelected || (judged.isTakenBack && pending.delivered != nil) else {
          outcome.filtered.append(key)
          continue
        }
        do {
          if judged.isTakenBack {
            maker.takeBack(pending)
          } else if let grouping = flow.grouping {
            try groups.add(pending, &places, grouping)
          } else {
            for rendered in try await renderer.render([pending]) { maker.add(rendered, of: pending, done: []) }
          }
        } catch {
          maker.refuse(pending.item, error)
        }
      } catch {
        let key = "record \(index + 1)"
        outcome.failures.append((key, Failure(kind: "record", message: "\(error)", at: now)))
      }
    }
    if let grouping = flow.grouping {
      let documents = groups.flatMap { $0.documents(grouping) }
      for (document, rendered) in zip(documents, try await renderer.render(documents)) {
        maker.add(rendered, of: document)
      }
    }
    _ = maker.finish(forgettingOpenBatches: false)
    take(maker, keys, into: &outcome)
    return outcome
  }

  private func take(_ maker: WriteMaker, _ keys: [Int64: String], into outcome: inout Outcome) {
    outcome.documents = maker.documents
    for write in maker.writes {
      do {
        var payload = try WritePayload(bytes: write.payload)
        if let request = payload.request { outcome.requests.append(request) }
        // The further documents of a record go out when those before them are done.
        while let rest = payload.rest, !rest.isEmpty {
          let units = rest.map { WriteUnit($0, items: write.items) }
          payload = try WritePayload(bytes: try flow.write(ofDocuments: units).payload)
          if let request = payload.request { outcome.requests.append(request) }
        }
      } catch {
        outcome.failures.append(("request", Failure(kind: "request", message: "\(error)", at: now)))
      }
    }
    for record in maker.unsendable {
      let key = keys[record.item.record] ?? ""
      if record.isFiltered {
        outcome.filtered.append(key)
      } else if record.isWaiting {
        outcome.waiting.append((key, record.failure))
      } else {
        outcome.failures.append((key, record.failure))
      }
    }
  }
}
