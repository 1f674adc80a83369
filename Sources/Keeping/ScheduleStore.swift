public import Values

/// What a store keeps for schedulers: who leads, a row for each run of a schedule, and when chores were done.
///
/// The row is what makes a run happen once: it is entered in the transaction that starts the pull, so a scheduler that is
/// killed leaves either both or neither, and a second scheduler finds the row. Queueing writes takes several transactions; a
/// run that was begun and whose scheduler is gone can be begun again, which is harmless, since only pending records are queued.
public protocol ScheduleStore: Sendable {
  /// Takes a lead, or keeps it for longer; nil where another one has it who lives. It ends with its holder's session.
  func takeLead(_ name: String, owner: String, until: Timestamp, now: Timestamp) async throws -> Lead?

  /// What is known of all schedules, by hub and kind.
  func schedules() async throws -> [ScheduleState]
  /// Keeps schedules in mind: those that are new, or say something new, from the slot they come with on.
  func note(_ schedules: [NewSchedule], now: Timestamp) async throws
  /// Takes the next step of a run that is new, that waits, or whose scheduler is gone; nil where the run is another's or over.
  ///
  /// - Throws: ``StoreError/Code/leaseLost`` where the lead of the step is another's by now.
  func take(_ step: RunStep) async throws -> ScheduledRun?
  /// Notes that the writes of a run are queued; nothing happens where the run is another's by now.
  func endRun(
    _ key: ScheduleKey, slot: Int64, owner: String, records: Int, writes: Int, now: Timestamp
  ) async throws
  /// The latest runs of a schedule, newest first.
  func runs(of key: ScheduleKey, limit: Int) async throws -> [ScheduledRun]
  /// The ends of the latest pulls of hubs, for those that were ever pulled.
  func pullEnds(of hubs: [String]) async throws -> [PullEnd]

  /// When a chore, which schedulers do from time to time, was done last; nil where it never was.
  func lastTime(of chore: String) async throws -> Timestamp?
  /// Notes when a chore was done.
  ///
  /// - Throws: ``StoreError/Code/leaseLost`` where the lead is another's by now.
  func note(_ chore: String, doneAt time: Timestamp, under lead: Lead) async throws
}
