public import Values

/// What the ERP's journal tells, read from the file while or after the ERP ran.
public struct SandboxReport: Sendable {
  /// How many orders there are.
  public private(set) var orders = 0
  /// How many inserts there were.
  public private(set) var inserts = 0
  /// How many updates there were.
  public private(set) var updates = 0
  /// The count of effects on each order, by its code.
  public private(set) var effects: [String: Int] = [:]
  /// The amount of each order as it stands, by its code.
  public private(set) var amounts: [String: Decimal] = [:]
  /// The codes that were inserted more than once, sorted.
  public private(set) var duplicates: [String] = []
  /// The keys under which more than one effect was made, sorted.
  public private(set) var repeatedKeys: [String] = []
  /// The sum of the amounts of all orders as they stand.
  public private(set) var amount = Decimal(Int64(0))

  /// Reads a journal file; a last line that was not finished is passed over.
  ///
  /// - Throws: ``SandboxError`` where the file cannot be read or a line is not an effect of the ERP's, `DecimalError` where the
  ///   sum does not fit.
  public init(journal path: String) throws {
    var insertsByCode: [String: Int] = [:]
    var effectsByKey: [String: Int] = [:]
    var parser = JSONParser()
    try Journal.forEachLine(of: try Files.read(path)) { line, number throws(SandboxError) in
      let effect = try ERPEffect.read(line, number: number, path: path, &parser)
      if effect.isInsert {
        inserts += 1
        insertsByCode[effect.code, default: 0] += 1
      } else {
        updates += 1
      }
      effects[effect.code, default: 0] += 1
      amounts[effect.code] = effect.amount
      if let key = effect.key { effectsByKey[key, default: 0] += 1 }
    }
    orders = effects.count
    duplicates = insertsByCode.filter { $0.value > 1 }.keys.sorted()
    repeatedKeys = effectsByKey.filter { $0.value > 1 }.keys.sorted()
    for value in amounts.values { amount = try amount.adding(value) }
  }
}
