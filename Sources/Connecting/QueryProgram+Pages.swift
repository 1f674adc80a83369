import Expressions
import Plans
import Templates
import Values

extension QueryProgram {
  /// How often a list is begun anew that changes while it is read.
  static let maximumRounds: Int64 = 3
  /// More records than this before a page are taken for a platform that does not end.
  private static let maximumOffset: Int64 = 1_000_000_000

  /// Where the next page stands; nil after the last.
  ///
  /// Where the platform says how many records there are, a list that had others, or whose number changed meanwhile, is read
  /// again: what is there already is not kept twice.
  func nextPage(
    _ answer: Answer, _ page: PagePosition, _ records: [Value]
  ) throws(ConnectingError) -> PagePosition? {
    guard var course = page.course else { return try follower(answer, page, records) }
    let total = try count(total, "paging.total", answer)
    let isFirst = course.seen == 0 && course.total == nil
    if isFirst { course.total = total }
    if reading.paging.order == .reverse {
      let isProbe = !course.isDescending
      if !isProbe { course.seen += Int64(records.count) }
      let pages = try count(pages, "paging.pages", answer) ?? 0
      guard pages <= QueryProgram.maximumPages else {
        throw unusable("there are more than \(QueryProgram.maximumPages) pages; ask for a smaller window of time")
      }
      if isProbe, pages > 1 {
        course.isDescending = true
        return PagePosition(number: reading.paging.start + pages - 1, size: page.size, course: course)
      }
      if !isProbe, page.number > reading.paging.start {
        return PagePosition(number: page.number - 1, size: page.size, course: course)
      }
      if isProbe { course.seen = Int64(records.count) }
      let isWhole = total.map { course.seen >= $0 } ?? true
      return isWhole ? nil : try again(course, page)
    }
    course.seen += Int64(records.count)
    if var next = try follower(answer, page, records) {
      next.course = course
      return next
    }
    let isWhole = total == course.total && (total ?? course.seen) == course.seen
    return isWhole ? nil : try again(course, page)
  }

  /// The first page once more.
  private func again(_ course: PagePosition.Course, _ page: PagePosition) throws(ConnectingError) -> PagePosition {
    guard course.round < QueryProgram.maximumRounds else {
      throw ConnectingError(
        .unsteadyList,
        "API '\(name)': the list changed each of the \(QueryProgram.maximumRounds + 1) times it was read (\(course.seen) "
          + "records, \(course.total.map { "\($0) announced" } ?? "none announced")); ask for a smaller window of time, let it "
          + "settle for longer (window.settle), or read its pages in reverse (paging.order)")
    }
    var fresh = PagePosition.Course()
    fresh.round = course.round + 1
    return PagePosition(number: reading.paging.start, size: page.size, course: fresh)
  }

  private func count(_ expression: Expression?, _ place: String, _ answer: Answer) throws(ConnectingError) -> Int64? {
    guard let expression else { return nil }
    var activation = Activation(environment: ExpressionScope.response.environment)
    activation.set("response", answer.response)
    let value = try evaluate(expression, place, activation)
    let number = value.intValue ?? value.stringValue.flatMap { Int64($0) }
    guard let number, number >= 0 else {
      throw unusable("\(place): ${ \(expression.source) } is a \(value.typeName), not a number of records or pages")
    }
    return number
  }

  /// The page that follows another in the usual order.
  private func follower(
    _ answer: Answer, _ page: PagePosition, _ records: [Value]
  ) throws(ConnectingError) -> PagePosition? {
    let paging = reading.paging
    if paging.kind == .none { return nil }
    var activation = Activation(environment: ExpressionScope.paging.environment)
    activation.set("response", answer.response)
    activation.set("page", page.value)
    activation.set("records", .list(records))
    let step = paging.kind == .offset ? Int64(records.count) : 1
    var following = PagePosition(number: page.number + step, size: page.size)
    if let next, paging.kind == .cursor {
      guard let cursor = try cursor(next, page, activation) else { return nil }
      following.cursor = cursor
    } else if let more {
      let value = try evaluate(more, "paging.more", activation)
      guard let goesOn = value.boolValue else {
        throw unusable("paging.more: ${ \(more.source) } is a \(value.typeName), not true or false")
      }
      if !goesOn { return nil }
    }
    if paging.kind != .cursor, records.isEmpty, more == nil || paging.kind == .offset { return nil }
    let limit = paging.kind == .offset ? QueryProgram.maximumOffset : QueryProgram.maximumPages
    guard following.number - paging.start < limit else {
      throw unusable("there are more than \(limit) pages; ask for a smaller window of time")
    }
    return following
  }

  private func cursor(
    _ next: Expression, _ page: PagePosition, _ activation: borrowing Activation
  ) throws(ConnectingError) -> String? {
    let value = try evaluate(next, "paging.next", activation)
    if value.isNull { return nil }
    guard let cursor = value.interpolatedText else {
      throw unusable("paging.next: ${ \(next.source) } is a \(value.typeName), not a text")
    }
    if cursor.isEmpty { return nil }
    guard cursor != page.cursor else {
      throw unusable("paging.next: the answer gives the cursor it was asked with; the pages would not end")
    }
    return cursor
  }
}
