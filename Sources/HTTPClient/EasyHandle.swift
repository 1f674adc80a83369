import CLibCurl

/// Sole owner of one libcurl easy handle and the buffers it points into; reset and used again for one transfer after another.
///
/// Belongs to the loop's thread.
final class EasyHandle {
  /// A body up to this size keeps its buffer for the next transfer.
  private static let keptBuffer = 256 << 10

  let raw: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var line: [UInt8] = []
  private var outgoing = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var failed = CURLE_OK

  /// Creates a handle; `nil` when memory is out.
  init?() {
    guard let handle = curl_easy_init() else { return nil }
    raw = handle
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(fields)
    outgoing.deallocate()
    errorText.deallocate()
  }

  /// Sets everything for one transfer, and returns libcurl's code if one option was refused.
  func prepare(_ transfer: Transfer, _ configuration: HTTPClient.Configuration) -> CURLcode {
    failed = CURLE_OK
    errorText[0] = 0
    setFixedOptions()
    set(CURLOPT_USERAGENT, configuration.userAgent)
    set(CURLOPT_MAXAGE_CONN, max(1, Int(configuration.idleTimeout.components.seconds)))
    set(CURLOPT_HTTP_VERSION, configuration.offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1)
    setCallbacks(transfer)
    let request = transfer.request
    set(CURLOPT_URL, request.url)
    setTimeouts(request, deadline: transfer.deadline)
    setMethodAndBody(request)
    setHeaders(request)
    if let tls = request.tls { setTLS(tls) }
    // An empty text, unlike none, also switches off what the environment says.
    set(CURLOPT_PROXY, request.proxy ?? "")
    set(CURLOPT_NOPROXY, "")
    return failed
  }

  /// Drops what belonged to the last transfer; connections and TLS sessions stay.
  func clear() {
    curl_easy_reset(raw)
    curl_slist_free_all(fields)
    fields = nil
    if outgoing.count > Self.keptBuffer { resizeOutgoing(to: 0) }
  }

  /// libcurl's text for the last error, made safe for a log line.
  func message(for code: CURLcode) -> String {
    let text = errorText[0] == 0 ? curl_easy_strerror(code) : UnsafePointer(errorText)
    guard let text else { return "libcurl gives no reason" }
    // It may quote a server's certificate: no control character of it reaches a log.
    let scalars = String(cString: text).unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    return String(String.UnicodeScalarView(scalars))
  }

  /// The status code of the last response.
  var status: Int {
    var value = 0
    datahub_easy_getinfo_long(raw, CURLINFO_RESPONSE_CODE, &value)
    return value
  }

  /// The protocol's version of the last response.
  var httpVersion: String {
    var value = 0
    datahub_easy_getinfo_long(raw, CURLINFO_HTTP_VERSION, &value)
    return switch value {
    case CURL_HTTP_VERSION_1_0: "1.0"
    case CURL_HTTP_VERSION_2_0: "2"
    default: "1.1"
    }
  }

  // MARK: - Options

  private func setFixedOptions() {
    set(CURLOPT_NOSIGNAL, 1)
    // A name being resolved when its transfer ends is left to its thread; waiting for it would stop every other transfer.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_NOPROGRESS, 1)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    note(datahub_easy_setopt_pointer(raw, CURLOPT_ERRORBUFFER, errorText))
  }

  private func setCallbacks(_ transfer: Transfer) {
    // Unretained: the loop holds the transfer for as long as the handle is in use.
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA] {
      note(datahub_easy_setopt_pointer(raw, option, context))
    }
    note(datahub_easy_setopt_data_callback(raw, CURLOPT_WRITEFUNCTION, receivePiece))
    note(datahub_easy_setopt_data_callback(raw, CURLOPT_HEADERFUNCTION, receiveLine))
    note(datahub_easy_setopt_prerequest_callback(raw, CURLOPT_PREREQFUNCTION, willSend))
  }

  private func setTimeouts(_ request: HTTPRequest, deadline: ContinuousClock.Instant) {
    set(CURLOPT_TIMEOUT_MS, milliseconds(deadline - .now))
    set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeout))
  }

  private func setMethodAndBody(_ request: HTTPRequest) {
    let sendsBody = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
    if sendsBody {
      let body = request.body ?? []
      if outgoing.count < max(1, body.count) { resizeOutgoing(to: max(1, body.count)) }
      outgoing.copyBytes(from: body)
      set(CURLOPT_POST, 1)
      note(datahub_easy_setopt_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
      note(datahub_easy_setopt_pointer(raw, CURLOPT_POSTFIELDS, outgoing.baseAddress))
      if request.method != "POST" { set(CURLOPT_CUSTOMREQUEST, request.method) }
    } else if request.method == "HEAD" {
      set(CURLOPT_NOBODY, 1)
    } else {
      set(CURLOPT_HTTPGET, 1)
      if request.method != "GET" { set(CURLOPT_CUSTOMREQUEST, request.method) }
    }
  }

  private func setHeaders(_ request: HTTPRequest) {
    var namesContentType = false
    for header in request.headers {
      namesContentType = namesContentType || header.isNamed("Content-Type")
      line.append(contentsOf: header.name.utf8)
      // "Name:" would remove a field; "Name;" is how libcurl is told to send it empty.
      if header.value.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
        line.append(UInt8(ascii: ";"))
      } else {
        line.append(contentsOf: ": ".utf8)
        line.append(contentsOf: header.value.utf8)
      }
      appendLine()
    }
    if !namesContentType {
      line.append(contentsOf: "Content-Type:".utf8)  // Nothing is better than libcurl's guess of a form.
      appendLine()
    }
    line.append(contentsOf: "Expect:".utf8)
    appendLine()
    note(datahub_easy_setopt_pointer(raw, CURLOPT_HTTPHEADER, fields))
  }

  private func setTLS(_ tls: TLSSettings) {
    if let file = tls.certificateAuthorityFile {
      set(CURLOPT_CAINFO, file)
      // The system's folder would stay trusted beside the file.
      set(CURLOPT_CAPATH, nil)
    }
    if let certificate = tls.clientCertificateFile {
      set(CURLOPT_SSLCERT, certificate)
      set(CURLOPT_SSLKEY, tls.clientKeyFile ?? certificate)
    }
  }

  // MARK: - Helpers

  private func appendLine() {
    line.append(0)
    let extended = line.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { curl_slist_append(fields, $0.baseAddress) }
    }
    if let extended { fields = extended } else { note(CURLE_OUT_OF_MEMORY) }
    line.removeAll(keepingCapacity: true)
  }

  private func resizeOutgoing(to size: Int) {
    outgoing.deallocate()
    outgoing = size == 0 ? .init(start: nil, count: 0) : .allocate(byteCount: size, alignment: 16)
  }

  private func set(_ option: CURLoption, _ value: Int) { note(datahub_easy_setopt_long(raw, option, value)) }

  private func set(_ option: CURLoption, _ value: String?) { note(datahub_easy_setopt_string(raw, option, value)) }

  /// Keeps the first failure: a transfer with one option missing (say, verification) must not start.
  private func note(_ code: CURLcode) {
    if failed == CURLE_OK { failed = code }
  }

  private func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    // At least 1, as 0 means "no limit" to libcurl; rounded up, so that it never ends early.
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
  }
}

// MARK: - Callbacks

private func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
  Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private func receivePiece(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let length = size * count
  return transfer(context).receive(piece: UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
}

private func receiveLine(
  _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
  guard let context else { return 0 }
  let length = size * count
  return transfer(context).receive(line: UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
}

private func willSend(
  _ context: UnsafeMutableRawPointer?, _: UnsafeMutablePointer<CChar>?, _: UnsafeMutablePointer<CChar>?, _: Int32,
  _: Int32
) -> Int32 {
  guard let context, transfer(context).willSend() else { return CURL_PREREQFUNC_ABORT }
  return CURL_PREREQFUNC_OK
}
