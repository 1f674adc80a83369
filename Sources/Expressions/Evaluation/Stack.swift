import Glibc

/// Room on the stack for trees that are deep.
///
/// Reading and evaluating call themselves for each level, and the threads of tasks may have half a megabyte. Where that is
/// not enough for the levels there may be, the work is done on a thread of its own while the caller waits: what an
/// expression gives does not depend on the thread that asks.
enum Stack {
  /// What a level takes at most, in builds that are not optimized.
  private static let bytesPerLevel = 16 << 10
  /// Room for all the levels a tree can have, and for functions at the deepest.
  private static let deepBytes = Parser.maximumHeight * bytesPerLevel + (4 << 20)

  /// Levels that are always there.
  static let freeLevels = 16

  /// Does something that goes down so many levels; nil where there is neither room nor a thread to be had.
  static func perform<Result>(levels: Int, _ body: () -> Result) -> Result? {
    if levels <= freeLevels || remaining > min(levels, Parser.maximumHeight) * bytesPerLevel + (64 << 10) {
      return body()
    }
    return withoutActuallyEscaping(body) { onDeepThread($0) }
  }

  /// What a deep thread does, and what comes of it.
  private final class Work<Result> {
    let body: () -> Result
    var result: Result?

    init(_ body: @escaping () -> Result) { self.body = body }

    func run() { result = body() }
  }

  private static func onDeepThread<Result>(_ body: @escaping () -> Result) -> Result? {
    let work = Work(body)
    // A C function knows no generic types.
    let run = Errand(work.run)
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    guard pthread_attr_init(attributes) == 0 else { return nil }
    defer { pthread_attr_destroy(attributes) }
    guard pthread_attr_setstacksize(attributes, deepBytes) == 0 else { return nil }
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(run)
    let status = pthread_create(
      &thread, attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Errand>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, argument.toOpaque())
    guard status == 0 else {
      argument.release()
      return nil
    }
    pthread_join(thread, nil)
    return work.result
  }

  /// Something to do, without a type of its own.
  private final class Errand {
    let body: () -> Void

    init(_ body: @escaping () -> Void) { self.body = body }
  }

  // MARK: - What is left

  /// Under which each thread keeps where its stack ends.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  /// How many bytes this thread's stack has left.
  private static var remaining: Int {
    var here = 0
    let address = withUnsafePointer(to: &here) { UInt(bitPattern: $0) }
    let end = UInt(bitPattern: pthread_getspecific(key))
    let known = end == 0 ? lowestAddress() : end
    return address > known ? Int(address - known) : 0
  }

  @inline(never)
  private static func lowestAddress() -> UInt {
    let attributes = UnsafeMutablePointer<pthread_attr_t>.allocate(capacity: 1)
    defer { attributes.deallocate() }
    // Without the limits of this thread's stack there is none to use, and deep work goes to a deep thread.
    guard let read = readAttributes, read(pthread_self(), attributes) == 0 else { return .max }
    defer { pthread_attr_destroy(attributes) }
    var base: UnsafeMutableRawPointer?
    var size = 0
    var guardSize = 0
    pthread_attr_getstack(attributes, &base, &size)
    pthread_attr_getguardsize(attributes, &guardSize)
    let end = UInt(bitPattern: base) + UInt(guardSize)
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: end))
    return end
  }

  private typealias ReadAttributes = @convention(c) (pthread_t, UnsafeMutablePointer<pthread_attr_t>) -> Int32

  /// `pthread_getattr_np`, which Swift's module of the C library leaves out.
  private static let readAttributes: ReadAttributes? = {
    dlsym(nil, "pthread_getattr_np").map { unsafeBitCast($0, to: ReadAttributes.self) }
  }()
}
