internal import CMicroHTTPD

/// What the callbacks of the library need: the handler and the limits.
final class ServerCore: Sendable {
  let handler: @Sendable (ServerRequest) -> ServerResponse
  let maximumBodyBytes: Int
  let stop: StopSignal

  init(maximumBodyBytes: Int, stop: StopSignal, handler: @escaping @Sendable (ServerRequest) -> ServerResponse) {
    self.handler = handler
    self.maximumBodyBytes = maximumBodyBytes
    self.stop = stop
  }

  /// Answers each call the library makes for one request: headers, pieces of the body, end of the body.
  func access(
    _ connection: OpaquePointer, method: UnsafePointer<CChar>, piece: UnsafePointer<CChar>?,
    size: UnsafeMutablePointer<Int>, exchange: Exchange
  ) -> MHD_Result {
    guard exchange.hasBegun else {
      exchange.hasBegun = true
      return begin(connection, exchange)
    }
    if size.pointee > 0 {
      let bytes = UnsafeRawBufferPointer(start: piece, count: size.pointee)
      size.pointee = 0
      return exchange.receive(bytes, limit: maximumBodyBytes) ? .yes : .no
    }
    if exchange.discarded > 0 { return send(tooLarge, on: connection) }
    let request = ServerRequest(
      method: String(cString: method), target: exchange.target, headers: ServerCore.headers(of: connection),
      body: exchange.body)
    exchange.body = []
    let response = handler(request)
    if response.delay > .zero, !stop.wait(response.delay) { return .no }
    if case .dropConnection = response.delivery { return .no }
    return send(response, on: connection)
  }

  private func begin(_ connection: OpaquePointer, _ exchange: Exchange) -> MHD_Result {
    guard let text = MHD_lookup_connection_value(connection, .HEADER_KIND, "Content-Length"),
      let declared = Int(String(cString: text))
    else { return .yes }
    if declared <= maximumBodyBytes {
      // What was declared is believed up to a point: the memory is taken before a byte has come.
      exchange.body.reserveCapacity(min(declared, 1 << 20))
      return .yes
    }
    // Whoever asks first is told at once. Whoever sends without asking would lose the answer to a reset connection, so a
    // body that is not far over the limit is read and thrown away.
    let asksFirst = MHD_lookup_connection_value(connection, .HEADER_KIND, "Expect") != nil
    if asksFirst || declared > maximumBodyBytes + Exchange.patience { return send(tooLarge, on: connection) }
    return .yes
  }

  private var tooLarge: ServerResponse {
    .text("the body is larger than \(maximumBodyBytes) bytes\n", status: 413)
  }

  private func send(_ response: ServerResponse, on connection: OpaquePointer) -> MHD_Result {
    let made = response.body.withUnsafeBytes { body in
      MHD_create_response_from_buffer(
        body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
    }
    guard let made else { return .no }
    defer { MHD_destroy_response(made) }
    var isSound = (200..<600).contains(response.status)
    for header in response.headers where isSound {
      isSound = MHD_add_response_header(made, header.name, header.value) == .yes
    }
    // A header with a line break or a status out of range is a defect of the handler; nothing of it goes out.
    guard isSound else { return response.status == 500 ? .no : send(ServerResponse(status: 500), on: connection) }
    return MHD_queue_response(connection, UInt32(response.status), made)
  }

  private static func headers(of connection: OpaquePointer) -> [(name: String, value: String)] {
    var headers: [(name: String, value: String)] = []
    headers.reserveCapacity(8)
    withUnsafeMutablePointer(to: &headers) { list in
      _ = MHD_get_connection_values(
        connection, .HEADER_KIND,
        { context, _, name, value in
          guard let context, let name else { return .no }
          context.assumingMemoryBound(to: [(name: String, value: String)].self).pointee
            .append((String(cString: name), value.map { String(cString: $0) } ?? ""))
          return .yes
        }, list)
    }
    return headers
  }
}

extension MHD_Result {
  static var yes: MHD_Result { .YES }
  static var no: MHD_Result { .NO }
}
