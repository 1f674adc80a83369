private import CLibYAML

/// One step of a YAML stream; ranges are byte offsets of the file.
struct YAMLEvent {
  enum Kind {
    case documentStart(hasTagDirectives: Bool, isImplicit: Bool)
    case documentEnd
    case alias(String)
    case scalar(String, YAMLScalar.Style)
    case sequenceStart(isFlow: Bool)
    case sequenceEnd
    case mappingStart(isFlow: Bool)
    case mappingEnd
    case streamEnd
  }

  var kind: Kind
  var range: Range<Int>
  var anchor: String?
  var tag: String?
}

/// What libyaml says of a text it cannot read.
struct EventError: Error {
  /// libyaml's words, to be put better.
  var problem: String
  var offset: Int
  var context: String
  var contextOffset: Int
}

/// Sole owner of one `yaml_parser_t`, which turns bytes into events.
///
/// The bytes must be checked (`TextCheck`) and outlive the parser.
struct EventParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let marks: MarkTable
  /// The number of characters before the first byte the parser sees.
  private let firstMark: Int

  /// Starts a parser at a byte offset, which must be the start of a document.
  init(bytes: UnsafeBufferPointer<UInt8>, from start: Int, marks: MarkTable) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else { fatalError("out of memory") }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    let rest = UnsafeBufferPointer(rebasing: bytes[start...])
    // libyaml refuses a null pointer, which an empty buffer may have.
    if let base = rest.baseAddress {
      yaml_parser_set_input_string(parser, base, rest.count)
    } else {
      yaml_parser_set_input_string(parser, "", 0)
    }
    self.marks = marks
    firstMark = marks.mark(at: start, in: bytes)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Returns the next event, `streamEnd` at the end.
  mutating func next(in bytes: UnsafeBufferPointer<UInt8>) throws(EventError) -> YAMLEvent {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw error(in: bytes) }
      defer { yaml_event_delete(&event) }
      if event.type == YAML_STREAM_START_EVENT { continue }
      let lower = offset(event.start_mark, in: bytes)
      let upper = max(lower, offset(event.end_mark, in: bytes))
      return Self.translate(event, range: lower..<upper)
    }
  }

  private func offset(_ mark: yaml_mark_t, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    marks.offset(ofMark: firstMark + mark.index, in: bytes)
  }

  private func error(in bytes: UnsafeBufferPointer<UInt8>) -> EventError {
    let parser = parser.pointee
    guard parser.error != YAML_MEMORY_ERROR else { fatalError("out of memory") }
    return EventError(
      problem: parser.problem.map { String(cString: $0) } ?? "",
      offset: offset(parser.problem_mark, in: bytes),
      context: parser.context.map { String(cString: $0) } ?? "",
      contextOffset: offset(parser.context == nil ? parser.problem_mark : parser.context_mark, in: bytes))
  }

  private static func translate(_ event: yaml_event_t, range: Range<Int>) -> YAMLEvent {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      let tags = event.data.document_start.tag_directives
      let isImplicit = event.data.document_start.implicit != 0
      return YAMLEvent(
        kind: .documentStart(hasTagDirectives: tags.start != tags.end, isImplicit: isImplicit), range: range)
    case YAML_DOCUMENT_END_EVENT:
      return YAMLEvent(kind: .documentEnd, range: range)
    case YAML_ALIAS_EVENT:
      return YAMLEvent(kind: .alias(text(event.data.alias.anchor) ?? ""), range: range)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return YAMLEvent(
        kind: .scalar(value, style(scalar.style)), range: range, anchor: text(scalar.anchor), tag: text(scalar.tag))
    case YAML_SEQUENCE_START_EVENT:
      let sequence = event.data.sequence_start
      return YAMLEvent(
        kind: .sequenceStart(isFlow: sequence.style == YAML_FLOW_SEQUENCE_STYLE), range: range,
        anchor: text(sequence.anchor), tag: text(sequence.tag))
    case YAML_SEQUENCE_END_EVENT:
      return YAMLEvent(kind: .sequenceEnd, range: range)
    case YAML_MAPPING_START_EVENT:
      let mapping = event.data.mapping_start
      return YAMLEvent(
        kind: .mappingStart(isFlow: mapping.style == YAML_FLOW_MAPPING_STYLE), range: range,
        anchor: text(mapping.anchor), tag: text(mapping.tag))
    case YAML_MAPPING_END_EVENT:
      return YAMLEvent(kind: .mappingEnd, range: range)
    default:
      return YAMLEvent(kind: .streamEnd, range: range)
    }
  }

  private static func text(_ bytes: UnsafeMutablePointer<UInt8>?) -> String? {
    bytes.map { String(cString: $0) }
  }

  private static func style(_ style: yaml_scalar_style_t) -> YAMLScalar.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }
}
