// Module SQLiteKit.
//
// One SQLite file behind one `Database`: a writer thread that commits many callers' work together, a few reader
// threads that see consistent snapshots, and a gate so that processes take turns to write. No other module sees the
// C library. It must not know what is stored: no table, no record, no queue.
//
//     let database = try Database(path: "/var/lib/shop/keeper.db")
//     try await database.write { connection in
//       let insert = try connection.prepare("INSERT INTO item(name, price) VALUES (?1, ?2)")
//       insert.bind(1, "pear")
//       insert.bind(2, 120)
//       try insert.run()
//     }
//     let names = try await database.read { connection in
//       let select = try connection.prepare("SELECT name FROM item ORDER BY name")
//       var names: [String] = []
//       while try select.step() { names.append(select.text(0)) }
//       return names
//     }
//     await database.close()
//
// Read next: `Database` (the rules for bodies), `Writer` (group commit), `Gate` (turns between processes).
