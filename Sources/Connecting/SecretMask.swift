import Digests
import Templates
import Values

/// Takes secrets out of texts: as they are, percent-encoded, as JSON writes them and in base64.
struct SecretMask: Sendable {
  /// Shorter values are left: they stand in texts by chance, and say little.
  static let shortest = 4

  /// The texts to look for, longest first, so that one that is part of another does not leave the rest standing.
  private let patterns: [[UInt8]]

  /// How long the longest text to look for is.
  var longest: Int { patterns.first?.count ?? 0 }

  init(_ secrets: [String]) {
    var found: Set<[UInt8]> = []
    for secret in secrets where secret.utf8.count >= SecretMask.shortest {
      let bytes = Array(secret.utf8)
      let json = Value.string(secret).jsonBytes()
      let code = base64(bytes)
      let bare = String(code.prefix { $0 != "=" })
      let urlSafe = bare.replacing("+", with: "-").replacing("/", with: "_")
      found.formUnion([
        bytes, Array(PercentEncoding.encode(secret).utf8), Array(json[1..<json.count - 1]),
        Array(PercentEncoding.encode(code).utf8), Array(bare.utf8), Array(urlSafe.utf8),
      ])
      // Forms write a space as '+' where addresses write %20.
      found.insert(Array(PercentEncoding.encode(secret).replacing("%20", with: "+").utf8))
    }
    patterns = found.sorted { $0.count > $1.count }
  }

  /// The text with `***` for every secret.
  func mask(_ text: String) -> String {
    guard !patterns.isEmpty else { return text }
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var at = 0
    var isMasked = false
    while at < bytes.count {
      if let found = patterns.first(where: { bytes[at...].starts(with: $0) }) {
        result.append(contentsOf: [0x2A, 0x2A, 0x2A])
        at += found.count
        isMasked = true
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return isMasked ? String(decoding: result, as: UTF8.self) : text
  }

  /// The texts in a value, however deep.
  static func texts(in value: Value) -> [String] {
    switch value {
    case .string(let text): [text]
    case .list(let items): items.flatMap { texts(in: $0) }
    case .map(let map): map.values.flatMap { texts(in: $0) }
    case .bytes(let bytes): [base64(bytes), String(decoding: bytes, as: UTF8.self)]
    default: value.interpolatedText.map { [$0] } ?? []
    }
  }
}
