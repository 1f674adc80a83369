import CLibMongoC
import Glibc
import Synchronization

/// Threads that each have a client of their own, and the work that waits for them.
///
/// A body runs on one of these threads, so a call that blocks holds up nobody else. Work that waits is taken first come,
/// first served; there are as many threads as the address allows connections, so no client is waited for.
public final class MongoPool: Sendable {
  private let work = WorkList()
  private let clients: ClientPool
  /// The hosts, for messages.
  public let hosts: String

  /// Makes the threads; a server is looked for when the first body needs one.
  public init(_ address: MongoAddress, application: String = "datahub") throws(MongoError) {
    hosts = address.hosts
    clients = try ClientPool(address, application)
    for _ in 0..<address.connections {
      do throws(MongoError) {
        try WorkThread.start(work, clients)
      } catch {
        work.close()
        throw error
      }
    }
  }

  // Not closed by hand: the threads do what waits and end; the last of them lets the clients go.
  deinit { work.close() }

  /// Runs a body with a connection; what it throws is thrown.
  public func perform<Result: Sendable>(
    _ body: @escaping @Sendable (MongoConnection) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let isTaken = work.put { client in
        do {
          continuation.resume(returning: try body(MongoConnection(try client.get())))
        } catch {
          continuation.resume(throwing: error)
        }
      }
      if !isTaken { continuation.resume(throwing: MongoError(.closed, "the store has been closed")) }
    }
  }

  /// Puts a body behind what waits, without waiting for it; for good-byes.
  public func submit(_ body: @escaping @Sendable (MongoConnection) -> Void) {
    // A pool that is closed takes none; then nobody is left to say good-bye to.
    _ = work.put { client in
      if case .success(let client) = client { body(MongoConnection(client)) }
    }
  }

  /// Finishes what waits and lets the connections go; later bodies are refused.
  public func close() async {
    work.close()
    await work.waitForThreads()
  }
}

/// The library's pool; destroyed when no thread has a client any more.
private final class ClientPool: @unchecked Sendable {
  // Unchecked because the library's pool may be used by any thread, and the pointer never changes.
  private let pointer: OpaquePointer

  init(_ address: MongoAddress, _ application: String) throws(MongoError) {
    pointer = try address.withURI { uri throws(MongoError) in
      var error = bson_error_t()
      guard let pool = mongoc_client_pool_new_with_error(uri, &error) else {
        throw MongoError(error, nil)
      }
      return pool
    }
    mongoc_client_pool_set_error_api(pointer, MONGOC_ERROR_API_VERSION_2)
    mongoc_client_pool_set_appname(pointer, application)
  }

  deinit { mongoc_client_pool_destroy(pointer) }

  func pop() -> OpaquePointer? { mongoc_client_pool_pop(pointer) }
  func push(_ client: OpaquePointer) { mongoc_client_pool_push(pointer, client) }
}

/// What waits for the threads.
private final class WorkList: @unchecked Sendable {
  typealias Job = @Sendable (Result<MongoClient, MongoError>) -> Void

  // Unchecked because every stored variable is only touched while `lock` is held. A condition variable is what a thread
  // needs to sleep until work arrives; `Synchronization.Mutex` has none.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [Job] = []
  private var head = 0
  private var isClosed = false
  private var threads = 0
  private var leaving: [CheckedContinuation<Void, Never>] = []

  init() {
    pthread_mutex_init(lock, nil)
    pthread_cond_init(arrived, nil)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(lock)
    arrived.deallocate()
    lock.deallocate()
  }

  func put(_ job: @escaping Job) -> Bool {
    locked {
      guard !isClosed else { return false }
      waiting.append(job)
      pthread_cond_signal(arrived)
      return true
    }
  }

  /// The next piece of work, once there is one; nil when closed and empty.
  func take() -> Job? {
    locked {
      while head == waiting.count {
        if isClosed { return nil }
        pthread_cond_wait(arrived, lock)
      }
      let job = waiting[head]
      head += 1
      if head == waiting.count || head > 1024 {
        waiting.removeFirst(head)
        head = 0
      }
      return job
    }
  }

  func close() {
    locked {
      isClosed = true
      pthread_cond_broadcast(arrived)
    }
  }

  func arrive() { locked { threads += 1 } }

  func leave() {
    let released = locked { () -> [CheckedContinuation<Void, Never>] in
      threads -= 1
      guard threads == 0 else { return [] }
      defer { leaving = [] }
      return leaving
    }
    for continuation in released { continuation.resume() }
  }

  func waitForThreads() async {
    await withCheckedContinuation { continuation in
      let isOver = locked {
        if threads > 0 { leaving.append(continuation) }
        return threads == 0
      }
      if isOver { continuation.resume() }
    }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body()
  }
}

/// A thread with a client, which does work until there is no more.
private enum WorkThread {
  static func start(_ work: WorkList, _ clients: ClientPool) throws(MongoError) {
    let task = Unmanaged.passRetained(Task(work: work, clients: clients))
    work.arrive()
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Task>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, task.toOpaque())
    guard status == 0 else {
      task.release()
      work.leave()
      throw MongoError(.unreachable, "cannot start a thread: \(String(cString: strerror(status)))")
    }
    pthread_detach(thread)
  }

  private final class Task: Sendable {
    let work: WorkList
    let clients: ClientPool

    init(work: WorkList, clients: ClientPool) {
      self.work = work
      self.clients = clients
    }

    func run() {
      let pointer = clients.pop()
      let client = pointer.map { MongoClient($0) }
      while let job = work.take() {
        job(client.map { .success($0) } ?? .failure(MongoError(.unreachable, "no connection is left")))
      }
      client?.endSession()
      if let pointer { clients.push(pointer) }
      work.leave()
    }
  }
}
