import Keeping
import TestServers
import Testing

/// What `Keeping.Store` means, asked of every store.
@Suite("Every store")
struct StoreRulesTests {
  @Test("keeps the rules of pulls", arguments: StoreKind.here, pullRules)
  func pulls(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of records", arguments: StoreKind.here, recordRules)
  func records(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of writes", arguments: StoreKind.here, writeRules)
  func writes(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of rescues", arguments: StoreKind.here, rescueRules)
  func rescues(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of hubs that feed others", arguments: StoreKind.here, upstreamRules)
  func upstreams(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of parents", arguments: StoreKind.here, parentRules)
  func parents(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of delivery", arguments: StoreKind.here, deliveryRules)
  func delivery(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of what persons do to deliveries", arguments: StoreKind.here, deliveryActRules)
  func deliveryActs(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of limits and circuits", arguments: StoreKind.here, gateRules)
  func gates(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of lookups", arguments: StoreKind.here, lookupRules)
  func lookups(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of schedules", arguments: StoreKind.here, scheduleRules)
  func schedules(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of what persons do to tasks", arguments: StoreKind.here, operatorRules)
  func operators(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of what persons do to records", arguments: StoreKind.here, recordActRules)
  func recordActs(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of kept entries and the log", arguments: StoreKind.here, valueRules)
  func values(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of looking", arguments: StoreKind.here, lookingRules)
  func looking(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps the rules of maintenance", arguments: StoreKind.here, maintenanceRules)
  func maintenance(_ kind: StoreKind, _ rule: Rule) async throws { try await hold(rule, kind) }

  @Test("keeps its books in any order of events", arguments: StoreKind.here, [1, 2, 3, 4] as [UInt64])
  func randomWork(_ kind: StoreKind, _ seed: UInt64) async throws {
    try await kind.withStore { store in
      try await checkRandomWork(Desk(store), seed: seed, steps: kind == .sqlite ? 250 : 80)
    }
  }

  @Test("is tried whole", .enabled(if: MongoServer.missing == nil, Comment(rawValue: MongoServer.missing ?? "")))
  func allStores() { #expect(StoreKind.here == StoreKind.allCases) }

  private func hold(_ rule: Rule, _ kind: StoreKind) async throws {
    try await kind.withStore { try await rule.check(Desk($0)) }
  }
}
