import Fuzzing
import Glibc
import Synchronization

/// Runs inputs against one target for a time, keeps the one that runs, and watches the clock.
final class FuzzRun: Sendable {
  /// How long an input may take before it is kept as slow.
  private static let slow: Double = 1
  /// How long an input may take before the process ends itself.
  private static let hopeless: Double = 30
  /// Nobody looks at more.
  private static let maximumFailures = 20

  private let target: FuzzTarget
  private let folder: String
  /// When the running input began, in milliseconds; 0 between inputs.
  private let started = Atomic<Int>(0)
  private let isDone = Atomic<Bool>(false)

  init(_ target: FuzzTarget, folder: String) {
    self.target = target
    self.folder = folder
  }

  /// Runs for a time; returns whether every input kept its promises.
  func run(corpus: [[UInt8]], seed: UInt64, seconds: Int) -> Bool {
    print("\(target.rawValue): seed \(seed), \(seconds) s, \(corpus.count) files and texts to start from")
    fflush(nil)
    var mutator = Mutator(corpus: corpus, dictionary: target.dictionary, seed: seed)
    let watcher = watch()
    let running = "\(folder)/\(target.rawValue).running"
    let descriptor = open(running, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    let begin = now()
    var (cases, failures, slowest) = (0, 0, 0.0)
    while now() - begin < Double(seconds), failures < Self.maximumFailures {
      let input = mutator.next()
      cases += 1
      keep(input, in: descriptor)
      started.store(Int(now() * 1000), ordering: .relaxed)
      let start = now()
      do {
        try target.run(input)
      } catch {
        failures += 1
        let file = save(input, cases, "failed")
        print("\(target.rawValue): case \(cases): \(error)\n  kept in \(file)")
      }
      let took = now() - start
      started.store(0, ordering: .relaxed)
      slowest = max(slowest, took)
      if took > Self.slow {
        failures += 1
        print("\(target.rawValue): case \(cases) took \(Int(took * 1000)) ms\n  kept in \(save(input, cases, "slow"))")
      }
    }
    isDone.store(true, ordering: .relaxed)
    pthread_join(watcher, nil)
    close(descriptor)
    unlink(running)
    let rate = Int(Double(cases) / max(0.001, now() - begin))
    print("\(target.rawValue): \(cases) cases, \(rate)/s, slowest \(Int(slowest * 1000)) ms, \(failures) failed")
    fflush(nil)
    return failures == 0
  }

  /// Runs one kept input; a crash or an endless run is the process's own.
  static func replay(_ input: [UInt8], _ target: FuzzTarget) -> Bool {
    let start = now()
    do {
      try target.run(input)
      print("\(target.rawValue): \(input.count) bytes, \(Int((now() - start) * 1000)) ms, no promise broken")
      return true
    } catch {
      print("\(target.rawValue): \(error)")
      return false
    }
  }

  // MARK: - Files

  /// Keeps the input that runs next, so that it is there should the process end.
  private func keep(_ input: [UInt8], in descriptor: Int32) {
    let isKept = input.withUnsafeBytes { bytes in
      pwrite(descriptor, bytes.baseAddress, bytes.count, 0) == bytes.count
        && ftruncate(descriptor, off_t(bytes.count)) == 0
    }
    if !isKept, !input.isEmpty {
      print("\(target.rawValue): the running input could not be kept: \(String(cString: strerror(errno)))")
    }
  }

  private func save(_ input: [UInt8], _ number: Int, _ ending: String) -> String {
    let path = "\(folder)/\(target.rawValue)-\(number).\(ending)"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return "nothing: \(String(cString: strerror(errno)))" }
    keep(input, in: descriptor)
    close(descriptor)
    return path
  }

  // MARK: - The clock

  /// Ends the process where an input seems to have no end.
  private func watch() -> pthread_t {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let run = Unmanaged<FuzzRun>.fromOpaque(argument).takeRetainedValue()
        while !run.isDone.load(ordering: .relaxed) {
          usleep(50_000)
          let started = run.started.load(ordering: .relaxed)
          guard started > 0, now() - Double(started) / 1000 > FuzzRun.hopeless else { continue }
          print("\(run.target.rawValue): an input runs on; it is kept in \(run.folder)/\(run.target.rawValue).running")
          fflush(nil)
          abort()
        }
        return nil
      }, context.toOpaque())
    return thread
  }
}

/// Seconds of a clock that only goes forward.
private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
