/// The fields of a map, as a schema tells them.
public struct RecordType: Sendable, Hashable {
  /// One field.
  public struct Field: Sendable, Hashable {
    /// The key.
    public let name: String
    /// What its value is.
    public let type: ExpressionType
    /// Whether it is always there.
    public let isRequired: Bool

    /// A field.
    public init(_ name: String, _ type: ExpressionType, isRequired: Bool = true) {
      self.name = name
      self.type = type
      self.isRequired = isRequired
    }
  }

  /// Whose fields they are, for messages: `jushuitan/orders-query`; may be empty.
  public let name: String
  /// The fields, in the order of the schema.
  public let fields: [Field]
  /// What fields without a name here are; nil where there are no others.
  public let others: ExpressionType?
  private let places: [String: Int]

  /// A record of fields; of several with one name the last one counts.
  public init(name: String = "", _ fields: [Field], others: ExpressionType? = nil) {
    self.name = name
    self.fields = fields
    self.others = others
    places = Dictionary(fields.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
  }

  /// The field of a name.
  public func field(_ name: String) -> Field? { places[name].map { fields[$0] } }

  /// The names of the fields.
  public var names: [String] { fields.map(\.name) }

  /// The record with one field told anew.
  func setting(_ field: Field) -> RecordType {
    guard let place = places[field.name] else { return RecordType(name: name, fields + [field], others: others) }
    var fields = fields
    fields[place] = field
    return RecordType(name: name, fields, others: others)
  }
}
