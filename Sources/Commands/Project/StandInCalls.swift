import HTTPClient
import Values

/// The `/_sandbox/` calls of stand-ins that run.
struct StandInCalls {
  private let http = HTTPClient()

  /// Posts to a stand-in and gives its answer.
  ///
  /// - Throws: ``CommandFailure`` where it does not answer, or refuses.
  func post(_ path: String, _ body: Value?, to standIn: StandInPlan) async throws -> Value {
    let request = HTTPRequest(
      method: "POST", url: standIn.baseURL + path, headers: [HTTPHeader("Content-Type", "application/json")],
      body: body?.jsonBytes() ?? [], connectTimeout: .seconds(5), totalTimeout: .seconds(30))
    let response: HTTPResponse
    do throws(HTTPFailure) {
      response = try await http.send(request)
    } catch {
      throw CommandFailure(
        .unreachable,
        "no stand-in answers for connector '\(standIn.connector)' at \(standIn.baseURL): \(error.message)",
        help: "start it: datahub sandbox")
    }
    let answer: Value
    do throws(JSONError) {
      answer = try Value(jsonBytes: response.body)
    } catch {
      throw CommandFailure(.findings, "what answers at \(standIn.baseURL) is no stand-in: \(error)")
    }
    guard response.status == 200 else {
      let words = answer["error"]?.stringValue ?? "status \(response.status)"
      throw CommandFailure(.findings, "the stand-in of connector '\(standIn.connector)' refuses: \(words)")
    }
    return answer
  }

  /// Closes the connections.
  func close() async { await http.shutdown() }
}
