public import HTTPServer
import Values

/// A stand-in for the shop side of 聚水潭 (Jushuitan), to read orders from.
///
/// | call | |
/// |---|---|
/// | `POST /open/orders/single/query` | form fields `app_key, access_token, timestamp, charset, version, biz, sign` |
/// | `POST /_sandbox/change?orders=10` | adds 1.00 to the next orders and sets their time of change to now; gives their numbers |
/// | `GET /_sandbox/summary` | counts, and the exact sum of what is to be paid |
/// | `GET`, `POST /_sandbox/faults` | see ``StandInFaults`` |
///
/// `biz` is a JSON text with `page_index` (from 1), `page_size` (30, at most 50), `modified_begin` and `modified_end` (both or
/// neither, Beijing time, both ends included, at most seven days), `so_ids` (at most 20) and `status`. Orders come sorted by
/// time of change and number. See ``ShopSignature`` for `sign`.
///
/// Refusals are HTTP 200 with a `code`. Of these the vendor publishes `190` alone; the others are the stand-in's own:
/// `10` wrong signature, `11` unknown `app_key`, `12` wrong `access_token`, `13` the timestamp is more than five minutes off,
/// `20` a public parameter is missing or wrong, `30` `biz` is refused, `190` the interface is not granted.
///
/// The orders are those of a CSV file, their days moved forward so that the last one was changed an hour before the first
/// start. That time and all changes stand in `shop.jsonl` in the state folder and outlive a restart.
public final class ShopStandIn: Sendable {
  private let host: StandInHost

  /// Reads the orders and the state folder, which is made where it is missing; nothing listens yet.
  ///
  /// - Parameters:
  ///   - ordersCSV: The file of orders, `order_no,customer_id,order_date,units,amount`.
  ///   - stateFolder: Where `shop.jsonl` is kept.
  ///   - credentials: Who may call.
  ///   - port: The port on 127.0.0.1; 0 takes a free one at the start.
  ///   - faults: What goes wrong from the start.
  ///   - clock: The time.
  /// - Throws: ``SandboxError``.
  public init(
    ordersCSV: String, stateFolder: String, credentials: ShopCredentials = ShopCredentials(), port: UInt16 = 0,
    faults: StandInFaults = StandInFaults(), clock: @escaping StandInClock = systemTime
  ) throws(SandboxError) {
    try Files.makeFolder(stateFolder)
    let book = try ShopBook(orders: ordersCSV, journal: stateFolder + "/shop.jsonl", now: clock())
    let gate = FaultGate(faults, now: clock)
    let answers = ShopAnswers(book: book, credentials: credentials, clock: clock)
    let calls = StandInHost.Calls(vendor: { answers.answer($0) }, control: { answers.control($0, gate) })
    host = StandInHost(port: port, gate: gate, calls: calls)
  }

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
}
