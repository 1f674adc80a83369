import Glibc
import HTTPServer
import Synchronization
import Values

/// The source and the target of the end-to-end bench, in one process: pages of orders out, orders in.
///
/// It works as little as it can, so that its own time matters little: a page is copied and its numbers are patched in, what
/// comes in is searched for the order numbers and not parsed. It counts each order, so that the bench sees that all arrived
/// exactly once.
///
///     GET /page?n=K   {"orders":[...100 orders of about 1 KB...],"more":true}
///     POST /batch     {"results":[{"ok":true,"id":"T..."},...]}, one for each order number in the body, in their order
///     POST /one       {"ok":true,"id":"T..."}; a request whose `Idempotency-Key` came before is answered and not counted
///
/// On its input it takes lines: `reset 20000` sets how many orders there are and forgets what came in; with `reset 20000 keys`
/// it minds idempotency keys. `report` is answered with how many orders came in, how many different ones, how many requests
/// were repeats, and how many orders came after one of a higher number. It ends with its input.
final class BenchServer: Sendable {
  /// What came in, by order number.
  private struct Arrivals {
    var counts: [UInt8] = []
    var received = 0
    var distinct = 0
    var repeats = 0
    var overtaken = 0
    var highest = 0
    /// The keys that came; nil where nobody minds them.
    var keys: Set<String>?
  }

  private let arrivals = Mutex(Arrivals())
  private let page = OrderPage()

  /// Serves until the input ends.
  static func serve() throws {
    let bench = BenchServer()
    let server = try HTTPServer { request in bench.answer(request) }
    defer { server.stop() }
    say("\(server.port)")
    while let line = readLine() {
      let words = line.split(separator: " ")
      if words.first == "reset", words.count >= 2, let records = Int(words[1]), records % OrderPage.size == 0 {
        bench.arrivals.withLock { arrivals in
          arrivals = Arrivals(counts: [UInt8](repeating: 0, count: records + 1))
          if words.last == "keys" { arrivals.keys = [] }
        }
        say("ready")
      } else {
        say(bench.arrivals.withLock { "\($0.received) \($0.distinct) \($0.repeats) \($0.overtaken)" })
      }
    }
  }

  private static func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  private func answer(_ request: ServerRequest) -> ServerResponse {
    switch request.path {
    case "/page":
      let number = request.parameter("n").flatMap { Int($0) } ?? 1
      let records = arrivals.withLock { $0.counts.count - 1 }
      return .json(page.bytes(page: number, hasMore: number * OrderPage.size < records))
    case "/batch":
      let taken = take(OrderPage.numbers(in: request.body))
      var answer = ByteBuffer(capacity: 64 + taken.count * 40)
      answer.append("{\"results\":[")
      for (place, (number, isKnown)) in taken.enumerated() {
        if place > 0 { answer.append(UInt8(ascii: ",")) }
        BenchServer.append(number, isKnown, to: &answer)
      }
      answer.append("]}")
      return .json(answer.takeBytes())
    case "/one":
      var answer = ByteBuffer(capacity: 64)
      let numbers = OrderPage.numbers(in: request.body)
      if isRepeat(request), let number = numbers.first {
        BenchServer.append(number, true, to: &answer)
        return .json(answer.takeBytes())
      }
      guard let (number, isKnown) = take(numbers).first else {
        return .text("no order number\n", status: 400)
      }
      BenchServer.append(number, isKnown, to: &answer)
      return .json(answer.takeBytes())
    default:
      return .text("not here\n", status: 404)
    }
  }

  /// Whether a request with its key came before, where keys are minded.
  private func isRepeat(_ request: ServerRequest) -> Bool {
    guard let key = request.header("Idempotency-Key") else { return false }
    return arrivals.withLock { arrivals in
      guard arrivals.keys != nil, arrivals.keys?.insert(key).inserted == false else { return false }
      arrivals.repeats += 1
      return true
    }
  }

  private func take(_ numbers: [Int]) -> [(number: Int, isKnown: Bool)] {
    arrivals.withLock { arrivals in
      numbers.map { number in
        guard arrivals.counts.indices.contains(number), number > 0 else { return (number, false) }
        if arrivals.counts[number] == 0 { arrivals.distinct += 1 }
        arrivals.counts[number] &+= 1
        arrivals.received += 1
        if number < arrivals.highest { arrivals.overtaken += 1 }
        arrivals.highest = max(arrivals.highest, number)
        return (number, true)
      }
    }
  }

  private static func append(_ number: Int, _ isKnown: Bool, to answer: inout ByteBuffer) {
    answer.append(isKnown ? "{\"ok\":true,\"id\":\"T" : "{\"ok\":false,\"id\":\"T")
    answer.appendInteger(Int64(number))
    answer.append("\"}")
  }
}
