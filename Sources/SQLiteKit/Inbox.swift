import Glibc

/// What waits to be done by a thread or a few threads, first in, first out.
final class Inbox<Element: Sendable>: @unchecked Sendable {
  // Unchecked because every stored variable is only touched while `lock` is held. A condition variable is what a
  // thread needs to sleep until work arrives; `Synchronization.Mutex` has none.
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting: [Element?] = []
  private var head = 0
  private var sleepers = 0
  private var isClosed = false

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

  /// Puts an element at the end; false when the inbox is closed and the element was not taken.
  func put(_ element: Element) -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    guard !isClosed else { return false }
    waiting.append(element)
    if sleepers > 0 { pthread_cond_signal(arrived) }
    return true
  }

  /// Moves up to `limit` elements into `batch`, sleeping until there is one; false when closed and empty.
  func take(upTo limit: Int, into batch: inout [Element]) -> Bool {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    while head == waiting.count {
      if isClosed { return false }
      sleepers += 1
      pthread_cond_wait(arrived, lock)
      sleepers -= 1
    }
    let end = min(waiting.count, head + limit)
    while head < end {
      if let element = waiting[head] { batch.append(element) }
      waiting[head] = nil
      head += 1
    }
    if head == waiting.count {
      waiting.removeAll(keepingCapacity: waiting.count <= 4096)
      head = 0
    } else if head > 1024 && head * 2 > waiting.count {
      waiting.removeFirst(head)
      head = 0
    }
    return true
  }

  /// How many elements wait.
  var count: Int {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return waiting.count - head
  }

  /// Takes no more elements; what waits is still handed out.
  func close() {
    pthread_mutex_lock(lock)
    isClosed = true
    pthread_cond_broadcast(arrived)
    pthread_mutex_unlock(lock)
  }
}
