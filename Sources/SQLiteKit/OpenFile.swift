/// The connections of one database, opened under the gate.
struct OpenFile {
  let writer: Connection
  let readers: [Connection]
  let gate: Gate?
  let dataVersion: Int64

  init(path: String, configuration: Database.Configuration) throws(SQLiteError) {
    guard !configuration.readOnly else {
      gate = nil
      writer = try Connection.reader(path: path, configuration)
      dataVersion = try writer.dataVersion()
      readers = try OpenFile.readers(path, configuration)
      return
    }
    try createPrivately(path)
    let gate = try Gate(path: path + ".lock")
    try gate.enter(patience: configuration.busyDeadline)
    defer { gate.leave() }
    let writer = try Connection.writer(path: path, configuration)
    do {
      dataVersion = try writer.dataVersion()
      readers = try OpenFile.readers(path, configuration)
    } catch {
      // Here and not when the last reference goes, which may be after the gate was left.
      writer.close()
      throw error
    }
    self.gate = gate
    self.writer = writer
  }

  private static func readers(
    _ path: String, _ configuration: Database.Configuration
  ) throws(SQLiteError)
    -> [Connection]
  {
    var readers: [Connection] = []
    for _ in 0..<configuration.readers { readers.append(try Connection.reader(path: path, configuration)) }
    return readers
  }
}
