// Module Connecting: requests out of plans, outcomes out of answers.
//
// It knows how a platform is spoken to: parameters and secrets, the form of a request, logins, signatures, what an answer
// means. It keeps nothing: no queue, no record, no attempt; it does not try again, save once after a new login, where the
// platform said that nothing was done. What it cannot tell for certain it calls `uncertain`.
//
//     let client = try ConnectorClient(plan: connector, http: http, secrets: secrets, now: now)
//     let write = try WriteProgram(api: hub.target.api, connector: client, with: hub.target.with)
//     let request = try write.render([OutgoingItem(document: document, idempotencyKey: key)])
//     switch await write.send(request) {
//     case .answered(let answer): settle(try write.read(answer, count: 1))
//     case .failed(let failure): judge(failure)
//     }
//
// Read next: `ConnectorClient` (one attempt from end to end), `RequestBuilder` (how a request is put together),
// `ResponseRules` (how an answer is judged).
