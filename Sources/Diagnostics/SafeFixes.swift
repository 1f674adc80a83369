public import SourceText

/// The safe fixes of a run that can be applied together.
public struct SafeFixes: Sendable {
  /// The findings that are fixed, in the order of the files.
  public private(set) var findings: [Diagnostic] = []
  private var edits: [FileID: [FixIt.Edit]] = [:]

  /// Takes every safe fix whose edits meet no edit of one before it.
  ///
  /// - Parameter mayEdit: whether a file may be changed.
  public init(of diagnostics: [Diagnostic], mayEdit: (FileID) -> Bool) {
    for diagnostic in diagnostics {
      guard let fix = diagnostic.fixIt, fix.applicability == .safe, !fix.edits.isEmpty else { continue }
      guard fix.edits.allSatisfy({ mayEdit($0.span.file) && !meets($0) }) else { continue }
      for edit in fix.edits { edits[edit.span.file, default: []].append(edit) }
      findings.append(diagnostic)
    }
  }

  /// The files that change, in their order.
  public var files: [FileID] { edits.keys.sorted() }

  /// Returns the bytes of a file with its fixes in them.
  public func applied(to file: SourceFile) -> [UInt8] {
    var bytes: [UInt8] = []
    var offset = 0
    for edit in (edits[file.id] ?? []).sorted(by: { $0.span < $1.span }) {
      bytes += file.bytes[offset..<edit.span.range.lowerBound]
      bytes += Array(edit.replacement.utf8)
      offset = edit.span.range.upperBound
    }
    return bytes + file.bytes[offset...]
  }

  /// Whether an edit touches one that is taken: what stands at the same place has an order only the user knows.
  private func meets(_ edit: FixIt.Edit) -> Bool {
    (edits[edit.span.file] ?? []).contains { other in
      edit.span.range.lowerBound <= other.span.range.upperBound
        && other.span.range.lowerBound <= edit.span.range.upperBound
    }
  }
}
