import Keeping
import Testing

/// What operators ask about the store itself.
let maintenanceRules: [Rule] = [
  Rule("a store says what it is and how much it holds, and lacks nothing") { desk in
    try await desk.bring((1...3).map { desk.record("\($0)") })
    try await desk.queue()
    try await desk.settle(desk.claimOne(.target), [.done(id: nil)])
    let info = try await desk.store.info()
    #expect(["sqlite", "mongodb"].contains(info.kind) && !info.tenant.isEmpty && info.place.contains(info.tenant))
    #expect(info.version == info.newestVersion && info.version > 0 && info.bytes > 0 && info.missing.isEmpty)
    #expect(
      info.counts == [
        .init(name: "records of orders", count: 3), .init(name: "tasks", count: 4), .init(name: "ledger", count: 1),
        .init(name: "pulls", count: 1), .init(name: "deployments", count: 0),
      ])
    #expect(try await desk.store.info().missing.isEmpty)
  }
]
