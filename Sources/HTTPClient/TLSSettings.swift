/// Which certificates a request trusts and which it shows.
///
/// The server's certificate and its name are always verified, and nothing below TLS 1.2 is spoken; no setting changes that.
public struct TLSSettings: Sendable, Hashable {
  /// The PEM file of the only authorities to trust; `nil` trusts the system's.
  public var certificateAuthorityFile: String?
  /// The PEM file of the client certificate, chain included, for servers that ask for one.
  public var clientCertificateFile: String?
  /// The PEM file of the client certificate's private key; `nil` looks for it in the certificate's file.
  public var clientKeyFile: String?

  /// Creates settings from paths of PEM files.
  public init(
    certificateAuthorityFile: String? = nil, clientCertificateFile: String? = nil, clientKeyFile: String? = nil
  ) {
    self.certificateAuthorityFile = certificateAuthorityFile
    self.clientCertificateFile = clientCertificateFile
    self.clientKeyFile = clientKeyFile
  }
}
