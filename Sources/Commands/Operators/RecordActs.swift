import Keeping
import Plans
import ServiceRuntime
import Values

/// Makes one change to the records a person chooses.
struct RecordBulkAct: Sendable {
  let selection: RecordSelection
  let options: ActOptions
  /// The word of the command.
  let name: String
  /// What became of a record: `released`.
  let told: String
  let change: RecordChange

  /// The options of every such command.
  static func options(states: [RecordState], default usual: [RecordState]) -> [OptionForm] {
    RecordSelection.options + [
      Choosing.state(
        states.map(\.name), default: usual.isEmpty ? nil : usual.map(\.name).joined(separator: ",")),
      Choosing.limit(nil),
    ] + ActOptions.forms
  }

  func run(_ context: CommandContext, warning: ((OpenStore) async throws -> String?)? = nil) async throws -> ExitCode {
    try await OpenStore.with(context) { open in
      let hub = selection.filter.hub
      let numbers = try await open.store.recordNumbers(selection.filter)
      if numbers.isEmpty { try await open.requireHub(hub) }
      if let text = try await warning?(open), !numbers.isEmpty { context.console.warn(text) }
      var bulk = BulkAct(
        action: "record.\(name)", noun: ("record", "records"), verb: (name, told), options: options,
        isNamed: selection.isNamed)
      if numbers.count <= BulkAct.chunk {
        var filter = selection.filter
        filter.limit = BulkAct.chunk
        let found = try await open.store.recordPage(filter, after: 0).map(\.summary)
        bulk.names = Dictionary(found.map { ($0.id, $0.key) }) { first, _ in first }
        // With a limit, what is beyond it was not looked for.
        if numbers.count < selection.filter.limit { bulk.missing = filter.missing(of: found) }
      }
      let act = Act(
        bulk.action, by: currentUser(), reason: options.reason, hub: hub, details: ["filter": selection.filter.noted],
        at: currentTime())
      return try await bulk.run(numbers, act, context.console) { _ in
        var filter = selection.filter
        filter.limit = BulkAct.shown
        let records = try await open.store.recordPage(filter, after: 0).map(\.summary)
        return (RecordListCommand.table(records), try ValueEncoder().encode(records))
      } change: { some, act in
        try await open.store.change(hub: hub, records: some, change, act)
      }
    }
  }
}

extension RecordFilter {
  /// The keys of which none of the records is.
  func missing(of records: [RecordSummary]) -> [String] {
    let known = Set(records.map(\.key))
    return keys.filter { !known.contains($0) }
  }

  /// The filter as the audit log keeps it.
  var noted: Value {
    var fields: [(String, Value)] = []
    if !states.isEmpty {
      fields.append(("state", .list(RecordState.allCases.filter { states.contains($0) }.map { .string($0.name) })))
    }
    if !keys.isEmpty { fields.append(("key", .list(keys.prefix(1_000).map { .string($0) }))) }
    if let text { fields.append(("text", .string(text))) }
    if !errors.isEmpty { fields.append(("error", .list(errors.sorted().map { .string($0) }))) }
    if let since { fields.append(("since", .string(since.description))) }
    if let before { fields.append(("before", .string(before.description))) }
    return .map(ValueMap(fields))
  }
}

/// `datahub record retry`: has records sent once more.
struct RecordRetryCommand: Command {
  static let form = CommandForm(
    name: "retry", summary: "Have failed records rendered and sent once more.",
    discussion:
      "They come behind what is pending, in the order they first came. What the target refused has a new idempotency key then, since "
      + "a target may answer the old one with its old refusal; otherwise the key stays. --again takes records too that the target "
      + "has: they are sent anew with a new key, and a target that does not replace what it has will have them twice.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordBulkAct.options(states: [.failed, .waiting, .done], default: [.failed])
      + [.flag("again", "Also records that the target has.")],
    examples: [
      .init("datahub record retry orders --error rejected --dry-run", "What the target refused."),
      .init("datahub record retry orders CD000001 --again --reason 'deleted by mistake'", "An order the ERP has lost."),
    ])

  private let act: RecordBulkAct
  private let isAgain: Bool

  init(_ arguments: Arguments) throws(UsageError) {
    isAgain = arguments.flag("again")
    let selection = try RecordSelection(arguments, usual: [.failed])
    if selection.filter.states.contains(.done), !isAgain {
      throw UsageError("the target has what is done", help: "write --again to send it once more all the same")
    }
    act = RecordBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "retry", told: "to be sent",
      change: isAgain ? .sendAnew : .retry)
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    try await act.run(context) { open in
      guard isAgain, let delivery = try await open.deployedPlan().plan.hub(act.selection.filter.hub)?.target.delivery,
        delivery != .upsert
      else { return nil }
      return
        "what the target has already it will have twice, unless it is replaced there (delivery: \(delivery.rawValue))"
    }
  }
}

/// `datahub record release`: lets held records be sent.
struct RecordReleaseCommand: Command {
  static let form = CommandForm(
    name: "release", summary: "Let held records be sent.",
    discussion:
      "Records are held by the hub (hold, onChange: hold), by 'record hold' and by 'task cancel'. They come behind what is pending.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordBulkAct.options(states: [.held], default: [.held]),
    examples: [
      .init("datahub record list orders --state held", "What waits, and why."),
      .init("datahub record release orders CD000001", "One of them."),
      .init("datahub record release orders --error changed --yes", "All that changed after they were sent."),
    ])

  private let act: RecordBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    act = RecordBulkAct(
      selection: try RecordSelection(arguments, usual: [.held]), options: try ActOptions(arguments), name: "release",
      told: "released", change: .release)
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub record hold`: keeps records from being sent.
struct RecordHoldCommand: Command {
  static let form = CommandForm(
    name: "hold", summary: "Keep records from being sent until they are released.",
    discussion: "What is in a write already is kept by cancelling that: datahub task cancel.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordBulkAct.options(states: [.pending, .failed, .waiting], default: []),
    examples: [.init("datahub record hold orders CD000001 --reason 'price is wrong'", "One order.")])

  private let act: RecordBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try RecordSelection(arguments)
    if selection.isEverything {
      throw UsageError("which records is to be said", help: "name their keys, or write --state pending")
    }
    act = RecordBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "hold", told: "held", change: .hold)
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub record resolve`: says what became of uncertain records.
struct RecordResolveCommand: Command {
  static let form = CommandForm(
    name: "resolve", summary: "Say of uncertain records whether they arrived.",
    discussion:
      "Look in the target first. What arrived is done, what did not is sent again with the same idempotency key. With the last "
      + "uncertain record of a write the write is done.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordBulkAct.options(states: [.uncertain], default: [.uncertain]) + ResolveOptions.forms,
    examples: [
      .init("datahub record resolve orders CD000001 --arrived --id SO-118", "It is there, under this name."),
      .init("datahub record resolve orders CD000002 CD000003 --not-arrived", "These two are sent again."),
    ])

  private let act: RecordBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try RecordSelection(arguments, usual: [.uncertain])
    let resolve = try ResolveOptions(arguments)
    if resolve.id != nil, selection.filter.keys.count != 1 {
      throw UsageError("'--id' is the name of one record", help: "name the record by its key")
    }
    act = RecordBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "resolve", told: "resolved",
      change: resolve.hasArrived ? .arrived(id: resolve.id) : .notArrived)
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}

/// `datahub record purge`: removes records.
struct RecordPurgeCommand: Command {
  static let form = CommandForm(
    name: "purge", summary: "Remove records and their contents for good.",
    discussion:
      "Only what is done, filtered or failed; --force takes what is pending, waiting, held or uncertain too. A record that is purged "
      + "is new when its source brings it again, and is then sent again. Write --state or --older-than: nothing is removed without a "
      + "choice. The audit log has the keys, not the contents: export them first where they may be needed.",
    arguments: [RecordSelection.hub, RecordSelection.keys],
    options: RecordBulkAct.options(states: RecordState.allCases.filter { $0 != .queued }, default: [])
      + [.flag("force", "Also what is to be sent, or of which nobody knows whether it arrived.")],
    examples: [
      .init("datahub record purge orders --state done --older-than 90d --dry-run", "How many there are."),
      .init("datahub record purge orders --state filtered --yes", "What the hub never sends."),
    ])

  private let act: RecordBulkAct

  init(_ arguments: Arguments) throws(UsageError) {
    let selection = try RecordSelection(arguments)
    if selection.isEverything {
      throw UsageError("which records is to be said", help: "name their keys, or write --state done --older-than 90d")
    }
    act = RecordBulkAct(
      selection: selection, options: try ActOptions(arguments), name: "purge", told: "removed",
      change: .purge(byForce: arguments.flag("force")))
  }

  func run(_ context: CommandContext) async throws -> ExitCode { try await act.run(context) }
}
