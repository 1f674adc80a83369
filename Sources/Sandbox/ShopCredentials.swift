/// Who may call the stand-in shop.
public struct ShopCredentials: Sendable {
  /// The application's key.
  public var appKey: String
  /// The application's secret, which signs.
  public var appSecret: String
  /// The token of the shop's owner.
  public var accessToken: String

  /// Credentials; the defaults are the stand-in's own and protect nothing.
  public init(
    appKey: String = "sandbox-shop", appSecret: String = "sandbox-shop-secret",
    accessToken: String = "sandbox-shop-token"
  ) {
    self.appKey = appKey
    self.appSecret = appSecret
    self.accessToken = accessToken
  }
}
