import Keeping
import Plans
import ServiceRuntime
import Values

/// Which lanes of a worker run, and which are to be started for the work there is.
struct LaneBoard {
  /// What a lane does.
  enum Role: Hashable, Sendable {
    /// It runs the queries of a hub.
    case source
    /// It runs the writes of a hub.
    case target
    /// It queues the writes of what has arrived.
    case dispatch
  }

  /// One lane.
  struct Place: Hashable, Sendable {
    let hub: String
    let role: Role
    let number: Int
  }

  /// A lane to be started.
  struct Start: Sendable {
    let place: Place
    let flow: Flow
    /// Ends this lane alone.
    let stop: StopSignal
    /// Leaves records that do not fill a batch, since more are on their way.
    var fullBatchesOnly = false
  }

  private struct Running {
    let stop: StopSignal
    let since: Timestamp
  }

  /// How long a lane goes on while others wait for its place.
  private static let turn = TimeSpan(seconds: 1)

  private let flows: [String: Flow]
  private let most: Int
  private var running: [Place: Running] = [:]
  /// What is left, by hub, for documents which are open for more of their group.
  private var open: [String: OpenGroups] = [:]
  /// The hub whose lane was started last: where there is not room for all, the next turn is another's.
  private var lastStarted = ""
  /// True where the last look found more to do than may run at once.
  private(set) var isFull = false

  /// A board for some hubs, with a limit to lanes that run at once.
  init(_ flows: [Flow], most: Int) {
    self.flows = Dictionary(flows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.most = max(most, 1)
  }

  /// Whether a lane of a hub runs.
  func isRunning(_ hub: String) -> Bool { running.keys.contains { $0.hub == hub } }

  /// True where no lane runs.
  var isEmpty: Bool { running.isEmpty }

  /// Lets every lane come to its end.
  func stopAll() { for lane in running.values { lane.stop.stop() } }

  /// Notes that a lane has ended.
  ///
  /// - Parameter open: what one that queued writes has left for documents which are open for more.
  mutating func end(_ place: Place, leaving open: OpenGroups? = nil) {
    running[place] = nil
    if place.role == .dispatch { self.open[place.hub] = open }
  }

  /// When the first of the documents that are open is closed, after a moment.
  func nextClosing(after now: Timestamp) -> Timestamp? { open.values.compactMap(\.until).filter { $0 > now }.min() }

  /// The lanes to be started; they count as running from here on.
  ///
  /// Where there are more than may run, each hub has its turn, and lanes that have run for a while make room.
  ///
  /// - Parameter work: what there is to do, by hub.
  mutating func starts(for work: [OpenWork], at now: Timestamp) -> [Start] {
    var starts: [Start] = []
    isFull = false
    let next = work.firstIndex { $0.hub > lastStarted } ?? 0
    for hub in work[next...] + work[..<next] {
      guard let flow = flows[hub.hub] else { continue }
      for role in [Role.source, .target, .dispatch] {
        for place in free(hub.hub, role).prefix(wanted(role, hub, flow, now)) {
          guard running.count < most else {
            isFull = true
            break
          }
          let stop = StopSignal()
          running[place] = Running(stop: stop, since: now)
          lastStarted = hub.hub
          starts.append(Start(place: place, flow: flow, stop: stop, fullBatchesOnly: reads(hub.hub)))
        }
      }
    }
    if isFull { for lane in running.values where now - lane.since >= LaneBoard.turn { lane.stop.stop() } }
    return starts
  }

  private func wanted(_ role: Role, _ hub: OpenWork, _ flow: Flow, _ now: Timestamp) -> Int {
    switch role {
    case .source: wanted(hub.source, hub.hub, role, most: 1, now)
    case .target: wanted(hub.target, hub.hub, role, most: flow.plan.target.concurrency, now)
    case .dispatch: wantsDispatch(hub, flow, now) ? 1 : 0
    }
  }

  /// How many more lanes there are tasks for, seeing those that other workers run.
  private func wanted(_ queue: OpenQueue, _ hub: String, _ role: Role, most: Int, _ now: Timestamp) -> Int {
    let own = running.keys.count { $0.hub == hub && $0.role == role }
    return max(0, min(queue.due(at: now), most - max(queue.running, own)))
  }

  /// Places of a hub's lanes that are not taken.
  private func free(_ hub: String, _ role: Role) -> some Sequence<Place> {
    let running = running
    return (0..<1_000).lazy.map { Place(hub: hub, role: role, number: $0) }.filter { running[$0] == nil }
  }

  /// Whether records are to be put into writes: not while the queue is well filled, nor for less than a batch while this
  /// worker is still reading the source, nor where all there is waits for more of its groups.
  private func wantsDispatch(_ hub: OpenWork, _ flow: Flow, _ now: Timestamp) -> Bool {
    let target = flow.plan.target
    guard flow.plan.sendsOnRecords, hub.pendingRecords > 0 else { return false }
    if let open = open[hub.hub], open.records == hub.pendingRecords, let until = open.until, now < until {
      return false
    }
    guard hub.target.ready < 4 * max(8, 2 * target.concurrency) else { return false }
    guard running[Place(hub: hub.hub, role: .dispatch, number: 0)] == nil else { return false }
    return !reads(hub.hub) || hub.pendingRecords >= target.batch
  }

  private func reads(_ hub: String) -> Bool { running[Place(hub: hub, role: .source, number: 0)] != nil }
}
