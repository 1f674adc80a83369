// Module MongoKit.
//
// libmongoc behind a few types: a pool of threads that each have a client, commands that take `Value`s and give
// documents, transactions that are repeated where the server asks for it, and one place where errors are read. It must
// not know what is kept; no C type leaves it, and no call of it blocks the cooperative pool.
//
//     let pool = try MongoPool(MongoAddress("mongodb://127.0.0.1:27017/"))
//     let names = try await pool.perform { connection in
//       let people = connection.collection("people", of: "test")
//       try people.insert([["_id": 1, "name": "Ann"]])
//       return try people.find(["_id": 1]).compactMap { $0.text("name") }
//     }
//
// Values are bound as BSON, never written into a text: what comes from a record is a value wherever it stands as one.
//
// Read next: `BSONDocument` (what is read), `MongoCollection` (what is asked), `MongoConnection+Transactions`.
