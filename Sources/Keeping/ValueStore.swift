public import Values

/// An entry of a value mapping that is kept in the store: my code, and yours.
public struct KeptEntry: Sendable, Codable, Equatable {
  /// The code on this side.
  public var code: String
  /// What people call it.
  public var label: String?
  /// What it becomes on the other side.
  public var value: Value
  /// What people call that.
  public var valueLabel: String?
  /// When it was set, RFC 3339; nil in what is to be set.
  public var changedAt: String?
  /// Who set it.
  public var changedBy: String?

  /// An entry to be set.
  public init(
    code: String, label: String? = nil, value: Value, valueLabel: String? = nil, changedAt: String? = nil,
    changedBy: String? = nil
  ) {
    self.code = code
    self.label = label
    self.value = value
    self.valueLabel = valueLabel
    self.changedAt = changedAt
    self.changedBy = changedBy
  }
}

/// A change of one entry of a value mapping.
public struct EntryChange: Sendable {
  /// The code.
  public var code: String
  /// What is to be kept of it; nil removes what is kept.
  public var entry: KeptEntry?
  /// What records may wait for that is there now, see ``UnsendableRecord/waitsFor``.
  public var supplies: [String]

  /// A change of its parts.
  public init(code: String, entry: KeptEntry?, supplies: [String] = []) {
    self.code = code
    self.entry = entry
    self.supplies = supplies
  }
}

/// The entries of value mappings that are changed while the flows run.
///
/// What a mapping's file declares stands in the plan; what is kept here is asked first.
public protocol ValueStore: Sendable {
  /// Grows with every change of any entry: whoever has read entries sees by it, cheaply, whether they are still the newest.
  func valuesVersion() async throws -> Int64
  /// The kept entries of a mapping, by code, after one.
  func values(of mapping: String, after code: String?, limit: Int) async throws -> [KeptEntry]
  /// Sets and removes entries in one transaction, notes each in the audit log, and makes the records of all hubs that wait for
  /// what is there now pending again, in their old places.
  ///
  /// - Returns: the report, and how many records were woken.
  func change(values: [EntryChange], of mapping: String, _ act: Act) async throws -> (report: ChangeReport, woken: Int)
}
