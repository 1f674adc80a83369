public import Values

/// Learns what records are like from samples of them.
///
/// ```swift
/// var inference = SchemaInference()
/// for record in records { try inference.add(record) }
/// let schema = inference.schema   // a JSON Schema (2020-12) that every one of the records is of
/// ```
public struct SchemaInference: Sendable {
  /// What is read into the samples.
  public struct Options: Sendable {
    /// How many different texts a field may have to be one of a closed set; none are counted up where it is 0.
    public var maximumEnumeration: Int
    /// How many fields of different names make a map one of fields that vary.
    public var minimumVaryingKeys: Int

    /// Options; these are the usual ones.
    public init(maximumEnumeration: Int = 10, minimumVaryingKeys: Int = 20) {
      self.maximumEnumeration = maximumEnumeration
      self.minimumVaryingKeys = minimumVaryingKeys
    }
  }

  /// More than can be learnt from.
  public enum Limit: Error, Sendable, CustomStringConvertible {
    /// There are too many different fields.
    case fields

    /// What is too much, in words.
    public var description: String {
      "the records have more than \(SchemaInference.maximumNodes) different fields and elements"
    }
  }

  /// How many fields and elements are told apart.
  static let maximumNodes = 100_000
  /// How many names a map may have before its fields are taken to vary.
  static let maximumNames = 1_000
  /// How often a value of a closed set must have been seen on average: what is seen once may be anything.
  private static let timesSeen = 5

  private let options: Options
  private var nodes: [SchemaSample] = [SchemaSample()]
  /// How many records there were.
  public private(set) var count = 0

  /// Nothing learnt yet.
  public init(_ options: Options = Options()) { self.options = options }

  /// Learns from one record.
  ///
  /// - Throws: ``Limit`` where there is too much to tell apart.
  public mutating func add(_ record: Value) throws(Limit) {
    try add(record, to: 0)
    count += 1
  }

  private mutating func add(_ value: Value, to index: Int) throws(Limit) {
    nodes[index].count(value, upTo: options.maximumEnumeration)
    switch value {
    case .list(let items):
      guard !items.isEmpty else { return }
      let element = try element(of: index)
      for item in items { try add(item, to: element) }
    case .map(let map):
      for (key, value) in map.entries {
        try add(value, to: try field(key.value.stringValue ?? key.value.json(), of: index))
      }
    default: break
    }
  }

  private mutating func element(of index: Int) throws(Limit) -> Int {
    if let known = nodes[index].element { return known }
    let element = try makeNode()
    nodes[index].element = element
    return element
  }

  private mutating func makeNode() throws(Limit) -> Int {
    guard nodes.count < Self.maximumNodes else { throw .fields }
    nodes.append(SchemaSample())
    return nodes.count - 1
  }

  /// The node of a field; of all fields where their names vary.
  private mutating func field(_ name: String, of index: Int) throws(Limit) -> Int {
    if let varying = nodes[index].varying { return varying }
    if let place = nodes[index].places[name] {
      nodes[index].fields[place].count += 1
      return nodes[index].fields[place].node
    }
    if nodes[index].fields.count >= Self.maximumNames {
      let merged = try merge(nodes[index].fields.map(\.node))
      nodes[index].varying = merged
      return merged
    }
    let node = try makeNode()
    nodes[index].places[name] = nodes[index].fields.count
    nodes[index].fields.append(SchemaSample.Field(name: name, node: node))
    return node
  }

  // MARK: - Merging

  /// A node with all that several have seen.
  private mutating func merge(_ indices: [Int]) throws(Limit) -> Int {
    let result = try makeNode()
    for index in indices { try merge(index, into: result) }
    return result
  }

  private mutating func merge(_ index: Int, into result: Int) throws(Limit) {
    let other = nodes[index]
    nodes[result].add(counts: other, upTo: options.maximumEnumeration)
    if let element = other.element {
      if let own = nodes[result].element {
        try merge(element, into: own)
      } else {
        nodes[result].element = try merge([element])
      }
    }
    for field in other.fields {
      let node = try self.field(field.name, of: result)
      try merge(field.node, into: node)
      if let place = nodes[result].places[field.name] { nodes[result].fields[place].count += field.count - 1 }
    }
    if let varying = other.varying {
      if let own = nodes[result].varying {
        try merge(varying, into: own)
      } else {
        nodes[result].varying = try merge(nodes[result].fields.map(\.node) + [varying])
      }
    }
  }

  // MARK: - The schema

  /// The JSON Schema of the samples.
  public var schema: Value {
    var copy = self
    return copy.schema(of: 0)
  }

  private mutating func schema(of index: Int) -> Value {
    let sample = nodes[index]
    var entries: [(String, Value)] = []
    let types = sample.types
    if types == [.null] {
      // What it is where it is not null has not been seen; as a type, null would refuse it.
      entries.append(("description", "Always null in the samples."))
    } else if types.count == 1 {
      entries.append(("type", .string(types[0].rawValue)))
    } else if types.count > 1 {
      entries.append(("type", .list(types.map { .string($0.rawValue) })))
    }
    if let format = sample.format {
      entries.append(("format", .string(format)))
    } else if let values = enumeration(sample) {
      entries.append(("enum", .list(values + (sample.nulls > 0 ? [.null] : []))))
    } else if sample.looksLikeLocalTime {
      entries.append(("description", "A time without a zone: yyyy-MM-dd HH:mm:ss."))
    }
    if let element = sample.element { entries.append(("items", schema(of: element))) }
    if sample.maps > 0 { entries += fields(of: sample) }
    return .map(ValueMap(entries))
  }

  private mutating func fields(of sample: SchemaSample) -> [(String, Value)] {
    if let varying = varyingNode(of: sample) { return [("additionalProperties", schema(of: varying))] }
    guard !sample.fields.isEmpty else { return [] }
    var entries: [(String, Value)] = []
    let always = sample.fields.filter { $0.count == sample.maps }.map { Value.string($0.name) }
    if !always.isEmpty { entries.append(("required", .list(always))) }
    var properties: [(String, Value)] = []
    for field in sample.fields { properties.append((field.name, schema(of: field.node))) }
    entries.append(("properties", .map(ValueMap(properties))))
    return entries
  }

  /// The node of fields whose names are data: many names, each in few of the maps.
  private mutating func varyingNode(of sample: SchemaSample) -> Int? {
    if let varying = sample.varying { return varying }
    guard sample.fields.count >= options.minimumVaryingKeys, sample.maps > 1 else { return nil }
    let seen = sample.fields.reduce(0) { $0 + $1.count }
    guard seen * 4 < sample.fields.count * sample.maps, sample.fields.allSatisfy({ $0.count < sample.maps }) else {
      return nil
    }
    do throws(Limit) {
      return try merge(sample.fields.map(\.node))
    } catch {
      return nil
    }
  }

  /// The texts of a field that has few, each often enough.
  private func enumeration(_ sample: SchemaSample) -> [Value]? {
    guard sample.texts > 0, sample.types.allSatisfy({ $0 == .string || $0 == .null }), let values = sample.values,
      (2...max(2, options.maximumEnumeration)).contains(values.count), options.maximumEnumeration > 0,
      sample.texts >= values.count * Self.timesSeen
    else { return nil }
    return values.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { .string($0) }
  }
}
