public import Diagnostics
public import SourceText

/// Returns the documents of a file, and everything that is wrong with its syntax.
///
/// A document that cannot be read is left out and the next one is tried. A document with lesser faults (a duplicate
/// key, an unknown alias, a tag) is kept without the faulty part. Files that are too large, no UTF-8, or hold
/// characters YAML forbids are not read.
public func parseYAML(_ file: SourceFile, limits: YAMLLimits = YAMLLimits()) -> Checked<[YAMLDocument]> {
  var diagnostics = Diagnostics()
  let mostBytes = min(limits.maximumBytes, Int(Int32.max))
  guard file.bytes.count <= mostBytes else {
    let start = SourceSpan(file: file.id, range: 0..<0)
    diagnostics.append(
      Diagnostic(
        .fileTooLarge, "the file has \(file.bytes.count) bytes, more than the \(mostBytes) allowed", at: start,
        help: "split the file; keep large code tables in CSV files"))
    return Checked(nil, diagnostics: diagnostics)
  }
  return file.bytes.withUnsafeBufferPointer { bytes in
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    let check = TextCheck(bytes, from: start, limit: 20)
    guard check.problems.isEmpty else {
      diagnostics.append(contentsOf: check.diagnostics(for: file))
      return Checked(nil, diagnostics: diagnostics)
    }
    let marks = MarkTable(bytes: bytes, start: start, isASCII: check.isASCII)
    var reader = StreamReader(file: file, bytes: bytes, marks: marks, limits: limits)
    reader.read(from: start)
    return Checked(reader.documents, diagnostics: reader.diagnostics)
  }
}
