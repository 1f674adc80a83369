// Module Sandbox: two stand-in systems to build and test flows against, a shop to read from and an ERP to write to.
//
// They behave as the vendors they stand for where it hurts: signatures, windows, paging, refusals within a batch, tokens
// that end, answers that are lost after the work was done. What they did is kept in files, so that a test can kill
// everything and count afterwards what arrived, what is missing and what came twice. They know nothing of hubs or plans,
// and listen on 127.0.0.1 only.
//
//   let erp = try ERPStandIn(stateFolder: "state")
//   try erp.start()
//   erp.faults = StandInFaults(dropAfterSavingRate: 0.05)
//   ...
//   erp.stop()
//   let report = try SandboxReport(journal: "state/erp.jsonl")
//
// Read `ShopStandIn` and `ERPStandIn` next.
