@preconcurrency import Dispatch  // DispatchSource is not marked Sendable on Linux
import Glibc

/// The signals a process gets, as they come; they no longer end it by themselves.
public func signals(_ numbers: [Int32]) -> AsyncStream<Int32> {
  AsyncStream { continuation in
    let queue = DispatchQueue(label: "datahub.signals")
    let sources = numbers.map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { continuation.yield(number) }
      source.resume()
      return source
    }
    continuation.onTermination = { _ in for source in sources { source.cancel() } }
  }
}
