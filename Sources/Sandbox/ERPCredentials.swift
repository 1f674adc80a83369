/// Who may call the stand-in ERP.
public struct ERPCredentials: Sendable {
  /// The application's key.
  public var appKey: String
  /// The application's secret.
  public var appSecret: String

  /// Credentials; the defaults are the stand-in's own and protect nothing.
  public init(appKey: String = "sandbox-erp", appSecret: String = "sandbox-erp-secret") {
    self.appKey = appKey
    self.appSecret = appSecret
  }
}
