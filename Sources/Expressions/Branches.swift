import Synchronization
import Values

/// One way an evaluation may take: a side of `a ? b : c`, an operand that decides `&&`, a loop over nothing.
public struct Branch: Sendable, Hashable {
  /// Where the text stands that it is in, as its owner names places: `mapping.lines.emit.price`.
  public let place: String
  /// The part of that text, in UTF-8 offsets.
  public let range: Range<Int>
  /// The part itself.
  public let text: String
  /// When this way is taken: `when true`, `as fallback`, `without elements`.
  public let way: String
}

/// Notes which branches evaluations take, for whoever asks what tests cover.
///
/// Only what was read with a ``BranchMarker`` of it is recorded; all else is evaluated as ever. An evaluation may turn out
/// to be void: what it took counts once ``keep()`` says so.
public final class BranchRecorder: Sendable {
  private struct State {
    var numbers: [Branch: Int] = [:]
    var branches: [Branch] = []
    var taken: Set<Int> = []
    var latest: Set<Int> = []
    var fellBack = false
  }

  private let state = Mutex(State())

  /// A recorder that knows of no branch yet.
  public init() {}

  /// Every branch there is, in the order they were read.
  public var branches: [Branch] { state.withLock { $0.branches } }

  /// The branches that were taken.
  public var taken: Set<Branch> { state.withLock { state in Set(state.taken.map { state.branches[$0] }) } }

  /// Counts what was taken since the last call of this or of ``drop()``.
  public func keep() {
    state.withLock { state in
      state.taken.formUnion(state.latest)
      state.latest = []
    }
  }

  /// Forgets what was taken since the last call of this or of ``keep()``.
  public func drop() { state.withLock { $0.latest = [] } }

  /// Says that the call under way takes its fallback.
  public func fallBack() { state.withLock { $0.fellBack = true } }

  /// Whether a call fell back since this was asked last.
  func takeFallback() -> Bool {
    state.withLock { state in
      defer { state.fellBack = false }
      return state.fellBack
    }
  }

  /// The number of a branch, which it gets when it is named first.
  func number(of branch: Branch) -> Int {
    state.withLock { state in
      if let number = state.numbers[branch] { return number }
      state.numbers[branch] = state.branches.count
      state.branches.append(branch)
      return state.branches.count - 1
    }
  }

  func note(_ number: Int) { state.withLock { _ = $0.latest.insert(number) } }
}

/// A ``BranchRecorder`` at one place of a text with expressions in it.
public struct BranchMarker: Sendable {
  let recorder: BranchRecorder
  private let place: String
  private let source: String
  private let offset: Int

  /// A marker of an expression.
  ///
  /// - Parameters:
  ///   - place: names the text the expression stands in.
  ///   - offset: where in that text, in UTF-8.
  public init(_ recorder: BranchRecorder, place: String, source: String, offset: Int) {
    self.recorder = recorder
    self.place = place
    self.source = source
    self.offset = offset
  }

  /// One way the whole expression may go, for who evaluates it.
  public func mark(_ way: String) -> BranchMark { mark(0..<source.utf8.count, way) }

  func mark(_ range: Range<Int>, _ way: String) -> BranchMark {
    let text = String(decoding: Array(source.utf8)[range], as: UTF8.self)
    let branch = Branch(
      place: place, range: range.lowerBound + offset..<range.upperBound + offset, text: text, way: way)
    return BranchMark(recorder: recorder, number: recorder.number(of: branch))
  }
}

/// One branch, ready to be noted.
public struct BranchMark: Sendable {
  fileprivate let recorder: BranchRecorder
  fileprivate let number: Int

  /// Says that it is taken.
  public func note() { recorder.note(number) }
}

extension BranchMarker? {
  /// `a ? b : c`.
  func conditional(_ condition: any Node, _ yes: any Node, _ no: any Node, _ range: Range<Int>) -> any Node {
    guard let marker = self, !(condition is ConstantNode) else {
      return ConditionalNode(condition, yes, no, range: range)
    }
    return ConditionalNode(
      condition, MarkedNode(yes, marker.mark(yes.range, "when true")),
      MarkedNode(no, marker.mark(no.range, "when false")), range: range)
  }

  /// `&&` and `||`: each operand may decide, and none of them.
  func logical(isAnd: Bool, _ operands: [any Node], _ range: Range<Int>) -> any Node {
    guard let marker = self, operands.contains(where: { !($0 is ConstantNode) }) else {
      return LogicalNode(isAnd: isAnd, operands, range: range)
    }
    let marked: [any Node] = operands.map { operand in
      if operand is ConstantNode { return operand }
      return MarkedTestNode(operand, !isAnd, marker.mark(operand.range, isAnd ? "when false" : "when true"))
    }
    return MarkedTestNode(
      LogicalNode(isAnd: isAnd, marked, range: range), isAnd, marker.mark(range, isAnd ? "when true" : "when false"))
  }

  /// `a.or(b)` and `a.orValue(b)`.
  func orElse(_ first: any Node, _ second: any Node, unwraps: Bool, _ range: Range<Int>) -> any Node {
    guard let marker = self, !(first is ConstantNode) else {
      return OrElseNode(first, second, unwraps: unwraps, range: range)
    }
    return OrElseNode(
      MarkedOptionalNode(first, marker.mark(first.range, "when it has a value")),
      MarkedNode(second, marker.mark(second.range, "as fallback")), unwraps: unwraps, range: range)
  }

  /// A call of a function that takes a fallback as its last argument and says when it falls back.
  func call(_ call: CallNode, _ function: Function, _ arguments: [any Node]) -> any Node {
    guard let marker = self, BranchMarker.functionsWithFallback.contains(function.name), arguments.count == 3 else {
      return call
    }
    return MarkedCallNode(
      call, marker.recorder, found: marker.mark(call.range, "when there is one"),
      fallback: marker.mark(arguments[2].range, "as fallback"))
  }
}

extension BranchMarker {
  /// The program's functions whose third argument is taken where there is nothing.
  fileprivate static let functionsWithFallback: Set<String> = ["value", "reverseValue", "find", "findDelivered"]
}

/// A part that notes that it is evaluated.
private final class MarkedNode: Node {
  private let node: any Node
  private let mark: BranchMark
  var range: Range<Int> { node.range }

  init(_ node: any Node, _ mark: BranchMark) {
    self.node = node
    self.mark = mark
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    mark.note()
    return try node.evaluate(&frame)
  }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    mark.note()
    return try node.test(&frame)
  }
}

/// A truth value that notes when it is one of both.
private final class MarkedTestNode: Node {
  private let node: any Node
  private let wanted: Bool
  private let mark: BranchMark
  var range: Range<Int> { node.range }

  init(_ node: any Node, _ wanted: Bool, _ mark: BranchMark) {
    self.node = node
    self.wanted = wanted
    self.mark = mark
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value { .bool(try test(&frame)) }

  func test(_ frame: inout Frame) throws(Failure) -> Bool {
    let result = try node.test(&frame)
    if result == wanted { mark.note() }
    return result
  }
}

/// An optional that notes when it holds something.
private final class MarkedOptionalNode: Node {
  private let node: any Node
  private let mark: BranchMark
  var range: Range<Int> { node.range }

  init(_ node: any Node, _ mark: BranchMark) {
    self.node = node
    self.mark = mark
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    let value = try node.evaluate(&frame)
    if case .map(let map) = value, case Optionals.Content.some? = Optionals.content(map) { mark.note() }
    return value
  }
}

/// A call that notes whether it took its fallback.
private final class MarkedCallNode: Node {
  private let call: CallNode
  private let recorder: BranchRecorder
  private let found: BranchMark
  private let fallback: BranchMark
  var range: Range<Int> { call.range }

  init(_ call: CallNode, _ recorder: BranchRecorder, found: BranchMark, fallback: BranchMark) {
    self.call = call
    self.recorder = recorder
    self.found = found
    self.fallback = fallback
  }

  func evaluate(_ frame: inout Frame) throws(Failure) -> Value {
    // Calls among its arguments have asked for themselves.
    _ = recorder.takeFallback()
    let value = try call.evaluate(&frame)
    (recorder.takeFallback() ? fallback : found).note()
    return value
  }
}
