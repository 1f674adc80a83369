import Running
import Values

/// The options of commands that work.
struct WorkerOptions: Sendable {
  static let forms: [OptionForm] = [
    .value(
      "sleep", "DURATION", "How long to wait before looking again, where nothing tells of a change.", default: "15s"),
    .value("tries", "N", "The most attempts at a task. Default: what hubs say with 'retry'."),
    .value("timeout", "DURATION", "The longest a request may take. Default: what platforms say; never longer."),
    .value("concurrency", "N", "The most tasks this process runs at once. Default: what hubs say, all together."),
  ]

  var worker = Worker.Options()
  var tries: Int?
  var timeout: TimeSpan?

  init(_ arguments: Arguments) throws(UsageError) {
    worker.sleep = max(try arguments.duration("sleep", default: worker.sleep), TimeSpan(milliseconds: 50))
    if arguments.flag("tries") { tries = try arguments.integer("tries", in: 1...100, default: 1) }
    if arguments.flag("timeout") {
      let span = try arguments.duration("timeout", default: TimeSpan(seconds: 60))
      guard span > .zero else { throw UsageError("'--timeout' is no time at all", help: "write for example 30s") }
      timeout = span
    }
    if arguments.flag("concurrency") {
      worker.concurrency = try arguments.integer("concurrency", in: 1...10_000, default: 1)
    }
  }

  /// The service with these options.
  func apply(to service: inout Service) {
    service.tries = tries
    service.timeout = timeout
  }
}
