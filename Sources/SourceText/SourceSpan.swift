/// The number of a file in its `SourceCollection`.
public struct FileID: Hashable, Sendable, Comparable {
  /// The position of the file in the order it was added.
  public let index: Int

  /// Makes the id of the file with the given position.
  public init(index: Int) {
    self.index = index
  }

  /// Returns whether the left file was added before the right one.
  public static func < (left: FileID, right: FileID) -> Bool {
    left.index < right.index
  }
}

/// A range of bytes of one file.
public struct SourceSpan: Hashable, Sendable, Comparable {
  /// The file the range lies in.
  public var file: FileID
  /// The UTF-8 byte offsets.
  public var range: Range<Int>

  /// Makes a span of the given bytes.
  public init(file: FileID, range: Range<Int>) {
    self.file = file
    self.range = range
  }

  /// Returns whether the left span stands before the right one: by file, then start, then end.
  public static func < (left: SourceSpan, right: SourceSpan) -> Bool {
    (left.file.index, left.range.lowerBound, left.range.upperBound)
      < (right.file.index, right.range.lowerBound, right.range.upperBound)
  }
}

/// A place as people and editors name it.
public struct SourcePosition: Hashable, Sendable {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, in characters (extended grapheme clusters).
  public var column: Int

  /// Makes a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }
}
