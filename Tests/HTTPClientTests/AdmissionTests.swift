import Testing

@testable import HTTPClient

@Suite("Who may start")
struct AdmissionTests {
  private func transfer(_ host: String, seconds: Int = 60) -> Transfer {
    Transfer(HTTPRequest(url: "http://\(host)/", totalTimeout: .seconds(seconds)))
  }

  private func admit(_ transfer: Transfer, _ admission: inout Admission) -> Bool { admission.admit(transfer) }

  @Test("an origin's waiting transfers start in their order, origins in turn")
  func turns() {
    var admission = Admission(maximum: 2, maximumPerOrigin: 1)
    let transfers = ["a", "a", "a", "b", "b", "c"].map { transfer($0) }
    let admitted = transfers.map { admission.admit($0) }
    #expect(admitted == [true, false, false, true, false, false])
    var order: [ObjectIdentifier] = []
    var running = [transfers[0], transfers[3]]
    while !running.isEmpty {
      admission.release(running.removeFirst())
      while let next = admission.next() {
        order.append(ObjectIdentifier(next))
        running.append(next)
      }
    }
    #expect(order == [1, 4, 5, 2].map { ObjectIdentifier(transfers[$0]) })
    #expect(admission.isEmpty)
    #expect(admission.nextDeadline == nil)
  }

  @Test("a busy origin does not keep others from starting")
  func fairness() {
    var admission = Admission(maximum: 1, maximumPerOrigin: 1)
    let first = transfer("a")
    #expect(admit(first, &admission))
    for _ in 0..<200 { #expect(!admit(transfer("a"), &admission)) }
    #expect(!admit(transfer("b"), &admission))
    admission.release(first)
    let second = admission.next()
    #expect(second?.origin == "http://a")
    if let second { admission.release(second) }
    let third = admission.next()
    #expect(third?.origin == "http://b")
  }

  @Test("the next deadline is that of the first to run out, and the queue keeps its order through removals")
  func deadlines() {
    var admission = Admission(maximum: 1, maximumPerOrigin: 1)
    let running = transfer("a")
    #expect(admit(running, &admission))
    let waiting = (1...300).map { transfer("a", seconds: $0) }
    for transfer in waiting.reversed() { #expect(!admit(transfer, &admission)) }
    #expect(admission.nextDeadline == waiting[0].deadline)
    let removed = admission.removeWaiting { $0.deadline <= waiting[99].deadline }
    #expect(removed.count == 100)
    #expect(admission.nextDeadline == waiting[100].deadline)
    var last = running
    for expected in waiting[100...].reversed() {
      admission.release(last)
      guard let next = admission.next() else { break }
      #expect(next === expected)
      last = next
    }
    #expect(admission.isEmpty)
  }
}
