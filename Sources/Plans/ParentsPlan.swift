public import Values

/// The parents for each of which a source is asked.
public struct ParentsPlan: Codable, Sendable, Equatable {
  /// The hub whose delivered records they are.
  public var hub: String?
  /// The API of the source's connector that lists them.
  public var api: APIPlan?
  /// The parameters of that API.
  public var with: Value
  /// Which of them are asked for; over `record`, which is the parent.
  public var when: String?
  /// Parameters of the source's API for each of them; templates over `record`.
  public var give: Value
  /// The field of the records that has the parent.
  public var into: String?
  /// The most there may be.
  public var maximum: Int

  /// Parents of their parts.
  public init(hub: String?, api: APIPlan?, with: Value, when: String?, give: Value, into: String?, maximum: Int) {
    self.hub = hub
    self.api = api
    self.with = with
    self.when = when
    self.give = give
    self.into = into
    self.maximum = maximum
  }
}
