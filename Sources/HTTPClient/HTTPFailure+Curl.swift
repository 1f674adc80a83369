import CLibCurl

extension HTTPFailure {
  /// Says why libcurl ended a transfer, in the client's terms.
  init(_ result: CURLcode, of transfer: Transfer, message: String) {
    let phase = transfer.phase
    if let stop = transfer.stop {
      self = Self.stopped(stop, transfer)
      return
    }
    let code = Self.code(for: result, sent: phase == .maybeSent, message: message)
    if phase == .maybeSent, code == .resolve || code == .connect {
      // The kept-alive connection died, and so did libcurl's attempt at a new one; the first is the news.
      self.init(code: .reset, phase: phase, message: "the connection was closed before a response; then: \(message)")
      return
    }
    self.init(code: code, phase: phase, message: message)
  }

  private static func stopped(_ stop: Transfer.Stop, _ transfer: Transfer) -> HTTPFailure {
    switch stop {
    case .bodyTooLarge:
      HTTPFailure(
        code: .responseTooLarge, phase: transfer.phase,
        message: "the response body is larger than \(transfer.request.maximumResponseBytes) bytes")
    case .headTooLarge:
      HTTPFailure(
        code: .responseTooLarge, phase: transfer.phase,
        message: "the response's header fields are larger than \(ResponseHead.maximumBytes) bytes")
    case .repetition:
      HTTPFailure(
        code: .reset, phase: transfer.phase, message: "the server closed the kept-alive connection before a response")
    }
  }

  private static func code(for result: CURLcode, sent: Bool, message: String) -> Code {
    switch result {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
      .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY, CURLE_INTERFACE_FAILED:
      .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
      .tls
    case CURLE_OPERATION_TIMEDOUT:
      sent ? .timeoutWaiting : .timeoutConnecting
    case CURLE_PARTIAL_FILE:
      .truncated
    case CURLE_BAD_CONTENT_ENCODING:
      .decoding
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING:
      // With TLS 1.3 a server refuses a client's certificate after the client has finished its handshake.
      if !sent {
        .connect
      } else if message.contains("SSL routines"), message.contains("alert") {
        .tls
      } else {
        // libcurl uses the same code for a body it cannot parse.
        message.contains("chunked-encoding") ? .protocolError : .reset
      }
    case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_LOGIN_DENIED:
      .invalidRequest
    case CURLE_UNSUPPORTED_PROTOCOL:
      // The same code says "the URL is not http" and "the answer is not HTTP/1".
      sent ? .protocolError : .invalidRequest
    default:
      .protocolError
    }
  }
}
