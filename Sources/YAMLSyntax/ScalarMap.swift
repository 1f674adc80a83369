/// Where each byte of a scalar's text stands in the source.
///
/// Most scalars are written as they are read: then `start` says it all and nothing is stored. For the others,
/// segments in the order of the text: a segment is a straight run if it is as long in the source as in the text, and
/// one piece (an escape, a folded line end) if not.
struct ScalarMap: Sendable {
  struct Segment: Hashable, Sendable {
    var text: UInt32
    var source: UInt32
    var sourceLength: UInt32
  }

  var start: Int
  var segments: [Segment] = []

  func sourceRange(of range: Range<Int>, textLength: Int) -> Range<Int> {
    let range = range.clamped(to: 0..<textLength)
    if segments.isEmpty { return start + range.lowerBound..<start + range.upperBound }
    let lower = place(of: range.lowerBound, textLength: textLength)
    if range.isEmpty { return lower.lowerBound..<lower.lowerBound }
    let upper = place(of: range.upperBound - 1, textLength: textLength)
    return lower.lowerBound..<max(lower.lowerBound, upper.upperBound)
  }

  /// Returns the source bytes of one text byte; for the end of the text, the place after its last segment.
  private func place(of offset: Int, textLength: Int) -> Range<Int> {
    var low = 0
    var high = segments.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if Int(segments[middle].text) <= offset { low = middle } else { high = middle }
    }
    let segment = segments[low]
    let end = low + 1 < segments.count ? Int(segments[low + 1].text) : textLength
    let source = Int(segment.source)
    let sourceEnd = source + Int(segment.sourceLength)
    if offset >= end { return sourceEnd..<sourceEnd }
    guard end - Int(segment.text) == Int(segment.sourceLength) else { return source..<sourceEnd }
    let place = source + offset - Int(segment.text)
    return place..<place + 1
  }
}
