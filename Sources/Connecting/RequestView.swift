import Values

/// What expressions see as `request`: a map of `method`, `path`, `query`, `form`, `headers` (names in lower case) and `body`
/// (the API's own body as text).
///
/// Only what some expression reads is worked out; the rest is null.
struct RequestView: Sendable {
  private static let shape = Shape(names: ["method", "path", "query", "form", "headers", "body"])

  /// True where an expression reads anything of the request.
  let isUsed: Bool
  private let readsQuery: Bool
  private let readsForm: Bool
  private let readsHeaders: Bool
  private let readsBody: Bool
  private let shapes = ShapeMemory()

  /// - Parameter paths: what the expressions read, see `fieldPaths`.
  init(_ paths: [[String]]) {
    let own = paths.filter { $0.first == "request" }
    func reads(_ name: String) -> Bool { own.contains { $0.count < 2 || $0[1] == name } }
    isUsed = !own.isEmpty
    readsQuery = reads("query")
    readsForm = reads("form")
    readsHeaders = reads("headers")
    readsBody = reads("body")
  }

  /// True where an expression with this path reads the API's own body.
  static func takesUpBody(_ path: [String]) -> Bool {
    path.first == "request" && (path.count < 2 || path[1] == "body")
  }

  func value(of request: OutgoingRequest) -> Value {
    let headers = request.headers.map { NamedText($0.name.lowerCasedASCII, $0.value) }
    return .map(
      ValueMap(
        shape: RequestView.shape,
        values: [
          .string(request.method), .string(request.path), readsQuery ? shapes.map(request.query) : .null,
          readsForm ? shapes.map(request.form ?? []) : .null, readsHeaders ? shapes.map(headers) : .null,
          readsBody ? .string(String(decoding: request.body ?? [], as: UTF8.self)) : .null,
        ]))
  }
}
