import Glibc
import Keeping
import SQLiteStore

/// How fast a store is, and how large, as the keeper of one hub grows to millions of records.
///
/// It takes minutes and about 2 KB of the disk a record, so it runs only where it is named. The records come in an order that is not
/// that of their keys, as in life: each lands anywhere in the index.
enum GrowthBench {
  /// How many records there are when it is measured.
  private static let sizes = [10_000, 100_000, 1_000_000, 5_000_000]
  /// How many records are measured at each size, in pages and batches of 100.
  private static let sample = 20_000

  static func run() async throws -> [Measurement] {
    let folder = try TemporaryFolder()
    let store = try await SQLiteStore.open(folder: folder.path, tenant: "bench")
    let worker = try await StoreWorker(store)
    var rows: [Measurement] = []
    var first: [String: Double] = [:]
    var count = 0

    func row(_ what: String, _ size: Int, _ body: () async throws -> Void) async throws {
      let rate = Double(sample) / (try await ContinuousClock().measure { try await body() }.inSeconds)
      let wanted = first[what]
      if wanted == nil { first[what] = rate }
      rows.append(
        Measurement(name: "\(thousands(size)) records kept: \(what)", value: rate, unit: "records/s", wanted: wanted))
    }

    for size in sizes {
      report("growing to \(thousands(size)) records")
      while count < size - sample / 2 {
        let next = min(size - sample / 2, count + 50_000)
        try await worker.pull(worker.pages(count..<next))
        try await worker.writeBatches()
        count = next
      }
      let new = worker.pages(count..<count + sample)
      try await row("new ones", size) { try await worker.pull(new) }
      try await row("written in batches of 100", size) { try await worker.writeBatches() }
      // Spread over all there are.
      let step = max((count + sample) / sample, 1)
      let spread = worker.pages(stride(from: 0, to: step * sample, by: step).map { $0 % (count + sample) })
      try await row("the same again, unchanged", size) { try await worker.pull(spread) }
      count += sample
      rows.append(
        Measurement(
          name: "\(thousands(size)) records kept: on the disk", value: Double(folder.bytes()) / Double(count),
          unit: "bytes a record"))
    }
    await worker.session.close()
    await store.close()
    return rows
  }

  private static func thousands(_ count: Int) -> String {
    count >= 1_000 ? thousands(count / 1_000) + "," + String(String(count % 1_000 + 1_000).dropFirst()) : String(count)
  }
}
