import Connecting
import Values

/// What a query task asks for: a slice of time and a page of it.
struct QueryTask: Equatable {
  var from: Timestamp
  var to: Timestamp
  var page: PagePosition
  /// The parent it is for, of a hub that asks for each of some.
  var parent: AskedParent?
  /// Where that parent's window ends: its slices are read one after the other.
  var end: Timestamp?

  init(from: Timestamp, to: Timestamp, page: PagePosition) {
    self.from = from
    self.to = to
    self.page = page
  }

  /// The form a queue keeps.
  var payload: Value {
    var position: [(String, Value)] = [
      ("number", .int(page.number)), ("size", .int(page.size)), ("cursor", page.cursor.map { .string($0) } ?? .null),
    ]
    if let course = page.course {
      position += [
        ("seen", .int(course.seen)), ("total", course.total.map { .int($0) } ?? .null), ("round", .int(course.round)),
        ("descending", .bool(course.isDescending)),
      ]
    }
    var fields: [(String, Value)] = [
      ("from", .string(from.description)), ("to", .string(to.description)), ("page", .map(ValueMap(position))),
    ]
    if let parent, let end { fields += [("end", .string(end.description)), ("parent", parent.payload)] }
    return .map(ValueMap(fields))
  }

  /// Reads what a queue kept.
  init(payload bytes: [UInt8]) throws {
    let value = try Value(jsonBytes: bytes)
    guard let from = value["from"]?.stringValue.flatMap({ Timestamp($0) }),
      let to = value["to"]?.stringValue.flatMap({ Timestamp($0) }),
      let number = value.at("page", "number")?.intValue, let size = value.at("page", "size")?.intValue
    else { throw RunError(.damagedPlan, "a query task's payload is not of this version's form") }
    var course: PagePosition.Course?
    if let seen = value.at("page", "seen")?.intValue {
      course = PagePosition.Course()
      course?.seen = seen
      course?.total = value.at("page", "total")?.intValue
      course?.round = value.at("page", "round")?.intValue ?? 0
      course?.isDescending = value.at("page", "descending")?.boolValue ?? false
    }
    self.init(
      from: from, to: to,
      page: PagePosition(
        number: number, size: size, cursor: value.at("page", "cursor")?.stringValue, course: course))
    if let parent = value["parent"].flatMap({ AskedParent(payload: $0) }) {
      self.parent = parent
      end = value["end"]?.stringValue.flatMap { Timestamp($0) } ?? to
    }
  }
}
