import SourceText

/// A text whose marks `«…»` are taken out and kept as byte ranges, in the order of their starts.
struct Marked {
  let file: SourceFile
  let sources: SourceCollection
  let ranges: [Range<Int>]

  init(_ text: String, path: String = "a.yaml") {
    var bytes: [UInt8] = []
    var open: [Int] = []
    var ranges: [Range<Int>] = []
    // Scalars, not characters: a mark must not join a combining mark, nor split CR LF.
    for scalar in text.unicodeScalars {
      switch scalar {
      case "«": open.append(bytes.count)
      case "»": ranges.append((open.popLast() ?? 0)..<bytes.count)
      default: bytes.append(contentsOf: Array(String(scalar).utf8))
      }
    }
    var sources = SourceCollection()
    file = sources.add(path: path, bytes: bytes)
    self.sources = sources
    self.ranges = ranges.sorted { ($0.lowerBound, -$0.upperBound) < ($1.lowerBound, -$1.upperBound) }
  }
}

extension Marked {
  /// A file of a text as it is.
  static func plain(_ text: String) -> SourceFile {
    SourceFile(id: FileID(index: 0), path: "a.yaml", bytes: Array(text.utf8))
  }
}
