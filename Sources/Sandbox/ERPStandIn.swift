public import HTTPServer
public import Values

/// A made-up ERP with the habits of YonSuite, to write orders to.
///
/// Orders have text codes, writes a `_status` (`Insert`, `Update`) and a `resubmitCheckKey` by which a repeated write is
/// recognized, and a batch is answered item by item, with HTTP 200 even where all of it is refused.
///
/// | call | |
/// |---|---|
/// | `POST /auth/token` | `{"appKey","appSecret"}` gives `data.access_token`, `data.expire` (seconds); code `50001` refuses |
/// | `POST /api/orders/batch` | up to 100 items `{"_status","resubmitCheckKey","order":{...}}` in `data` |
/// | `POST /api/orders` | one such item, bare or in `data` |
/// | `GET /api/orders?pageIndex=1&pageSize=100` | a page, in the order of the ids |
/// | `GET /api/orders/CODE` | one order, or HTTP 404 |
/// | `POST /api/vouchers` | up to 100 vouchers `{"number","amount",...}` in `data`, taken all or none; refused with HTTP 400 |
/// | `GET /api/vouchers?numbers=A,B` | the vouchers of these numbers, `data.recordList`; a new one is found after the search's lag |
/// | `PUT /api/vouchers/ID` | another content |
/// | `POST /api/vouchers/submit` | `{"ids":[...]}`, answered item by item; `1005` was done before |
/// | `POST /api/vouchers/audit`, `/void` | `{"id"}`; `1005` was done before, `1007` is not submitted, `1008` is void |
/// | `GET /_sandbox/vouchers` | all vouchers; no token needed |
/// | `GET /_sandbox/summary` | counts and the exact sum of what it holds; no token needed |
/// | `POST /_sandbox/expire` | ends all tokens |
/// | `GET`, `POST /_sandbox/faults` | see ``StandInFaults`` |
///
/// Calls carry `Authorization: Bearer`; without a token in force they get HTTP 401 and code `310036`. An order needs `code`,
/// `customer` (texts), `amount` (a number) and `lines` (an array with an element). Refusals: `1001` the code exists, `1002`
/// there is no such order, `1003` a field is not sound. A write with the key that made the present state is answered as
/// done, and nothing happens.
///
/// Vouchers have no key and no unique number: one that is sent twice is there twice, which the summary counts. `amount` must not
/// be below zero.
///
/// What it did stands in `erp.jsonl` and `vouchers.jsonl` in its state folder before it is answered, one line an effect; a restart reads it back.
/// ``SandboxReport`` reads it too.
public final class ERPStandIn: Sendable {
  private let host: StandInHost
  private let voucherBook: ERPVouchers

  /// Reads the state folder, which is made where it is missing; nothing listens yet.
  ///
  /// - Parameters:
  ///   - stateFolder: Where `erp.jsonl` is kept.
  ///   - credentials: Who may call.
  ///   - tokenLife: How long a token is good for.
  ///   - port: The port on 127.0.0.1; 0 takes a free one at the start.
  ///   - faults: What goes wrong from the start.
  ///   - clock: The time.
  /// - Throws: ``SandboxError``.
  public init(
    stateFolder: String, credentials: ERPCredentials = ERPCredentials(), tokenLife: Duration = .seconds(300),
    port: UInt16 = 0, faults: StandInFaults = StandInFaults(), clock: @escaping StandInClock = systemTime
  ) throws(SandboxError) {
    try Files.makeFolder(stateFolder)
    let book = try ERPBook(journal: stateFolder + "/erp.jsonl")
    let tokens = ERPTokens(life: tokenLife, clock: clock)
    let gate = FaultGate(faults, now: clock)
    let vouchers = try ERPVouchers(journal: stateFolder + "/vouchers.jsonl", clock: clock)
    let answers = ERPAnswers(
      book: book, tokens: tokens, credentials: credentials,
      vouchers: ERPVoucherAnswers(vouchers: vouchers, searchLag: { gate.faults.searchLag }))
    let calls = StandInHost.Calls(
      vendor: { answers.answer($0) },
      control: { request in
        switch (request.method, request.path) {
        case ("GET", "/_sandbox/summary"):
          return .json(ERPStandIn.summary(book.counts, gate.counts, vouchers.summary))
        case ("GET", "/_sandbox/vouchers"): return .json(.list(vouchers.all))
        case ("POST", "/_sandbox/expire"):
          tokens.revokeAll()
          return .json(["expired": true])
        default: return nil
        }
      })
    host = StandInHost(port: port, gate: gate, calls: calls)
    voucherBook = vouchers
  }

  /// All vouchers, in the order they were made.
  public var vouchers: [Value] { voucherBook.all }

  /// What was done to vouchers, by kind, and how many there are more than once.
  public var voucherCounts: Value { voucherBook.summary }

  /// The port it listens on; before the start, the one it was told.
  public var port: UInt16 { host.port }

  /// What goes wrong; setting it takes effect with the next request.
  public var faults: StandInFaults {
    get { host.gate.faults }
    set { host.gate.faults = newValue }
  }

  /// Starts to listen; a second call does nothing.
  public func start() throws(HTTPServerError) { try host.start() }

  /// Stops listening and waits for the requests at work.
  public func stop() { host.stop() }

  private static func summary(_ book: ERPBook.Counts, _ gate: FaultGate.Counts, _ vouchers: Value) -> Value {
    [
      "orders": .int(Int64(book.orders)), "inserts": .int(Int64(book.inserts)), "updates": .int(Int64(book.updates)),
      "replays": .int(Int64(book.replays)), "refused": .int(Int64(book.refused)),
      "requests": .int(Int64(gate.requests)), "amount": .string(book.amount.description), "injected": gate.injected,
      "vouchers": vouchers,
    ]
  }
}
