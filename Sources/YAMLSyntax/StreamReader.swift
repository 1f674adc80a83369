import Diagnostics
import SourceText

/// Reads the documents of a file one after the other, and goes on behind those that are broken.
struct StreamReader {
  /// Every broken document starts libyaml anew, so their number is limited.
  private static let maximumBrokenDocuments = 100

  private let bytes: UnsafeBufferPointer<UInt8>
  private let marks: MarkTable
  private var builder: TreeBuilder
  private(set) var documents: [YAMLDocument] = []

  var diagnostics: Diagnostics { builder.diagnostics }

  init(file: SourceFile, bytes: UnsafeBufferPointer<UInt8>, marks: MarkTable, limits: YAMLLimits) {
    self.bytes = bytes
    self.marks = marks
    builder = TreeBuilder(file: file, bytes: bytes, limits: limits)
  }

  mutating func read(from start: Int) {
    var start = start
    for _ in 0..<Self.maximumBrokenDocuments {
      guard let problem = readDocuments(from: start), let next = nextDocument(after: start, from: problem) else {
        return
      }
      start = next
    }
  }

  /// Reads documents until the end or the first that cannot be read; returns the place to look on from.
  private mutating func readDocuments(from start: Int) -> Int? {
    var events = EventParser(bytes: bytes, from: start, marks: marks)
    do throws(TreeBuilder.Stop) {
      while let document = try builder.document(&events) { documents.append(document) }
      return nil
    } catch {
      switch error {
      case .document(let offset): return offset
      case .file: return nil
      }
    }
  }

  /// Returns the first line at or behind `problem` that starts a document.
  ///
  /// In YAML, `---` at the start of a line does so always, even inside a quoted text.
  private func nextDocument(after start: Int, from problem: Int) -> Int? {
    var offset = max(problem, start + 1)
    while offset > 0, offset < bytes.count, bytes[offset - 1] != UInt8(ascii: "\n") { offset += 1 }
    while offset + 3 <= bytes.count {
      if isDocumentStart(offset) { return offset }
      while offset < bytes.count, bytes[offset] != UInt8(ascii: "\n") { offset += 1 }
      offset += 1
    }
    return nil
  }

  private func isDocumentStart(_ offset: Int) -> Bool {
    guard bytes[offset..<offset + 3].allSatisfy({ $0 == UInt8(ascii: "-") }) else { return false }
    guard offset + 3 < bytes.count else { return true }
    return [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(bytes[offset + 3])
  }
}
