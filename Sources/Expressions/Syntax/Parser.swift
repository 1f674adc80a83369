import Values

/// Reads tokens into a tree (CEL specification, "Syntax").
///
/// Depth is limited twice: nested brackets here, while they are read, and the height of the finished tree, which a long
/// chain such as `a + b + c` raises as well.
struct Parser {
  /// Levels of a tree.
  static let maximumHeight = 500
  /// Brackets, conditions and signs within each other.
  static let maximumNesting = 300
  /// Bytes of an expression's text.
  static let maximumLength = 128 << 10

  private let tokens: [Token]
  private var index = 0
  private var nesting = 0
  var tree = SyntaxTree()

  private init(_ source: String) throws(ExpressionIssue) {
    guard source.utf8.count <= Parser.maximumLength else {
      throw ExpressionIssue(
        "the expression has \(source.utf8.count) bytes, more than \(Parser.maximumLength)", at: 0..<0)
    }
    tokens = try Lexer.tokens(of: source)
  }

  /// More levels than the tree of a text can have: each has a sign of its own, and macros make two of one.
  static func levels(of source: String) -> Int {
    guard source.utf8.count <= maximumLength else { return 0 }
    var signs = 0
    for byte in source.utf8 where byte > 0x20 && byte < 0x80 && !byte.isNamePart { signs += 1 }
    return min(2 * signs, maximumHeight)
  }

  static func parse(_ source: String) throws(ExpressionIssue) -> SyntaxTree {
    var parser = try Parser(source)
    if parser.current.kind == .end {
      throw ExpressionIssue("the expression is empty", at: 0..<source.utf8.count)
    }
    parser.tree.root = try parser.expression()
    guard parser.current.kind == .end else { throw parser.surplus() }
    return parser.tree
  }

  // MARK: - Tokens

  private var current: Token { tokens[index] }

  private func follows(_ sign: Token.Sign) -> Bool { current.kind == .sign(sign) }

  private mutating func take(_ sign: Token.Sign) -> Bool {
    guard follows(sign) else { return false }
    index += 1
    return true
  }

  private mutating func close(_ sign: Token.Sign, openedBy open: Token) throws(ExpressionIssue) {
    if take(sign) { return }
    let opened = "the \(open.description) at \(open.range.lowerBound) is not closed"
    throw ExpressionIssue(
      "'\(sign.rawValue)' is missing before \(current.description)", at: place(current), help: opened)
  }

  /// A place that can be shown: the end is the last byte.
  private func place(_ token: Token) -> Range<Int> { token.range }

  private var endOfPrevious: Int { index > 0 ? tokens[index - 1].range.upperBound : 0 }

  mutating func add(_ kind: SyntaxTree.Kind, from start: Int) throws(ExpressionIssue) -> NodeID {
    let height = 1 + kind.children.reduce(0) { max($0, tree[$1].height) }
    let range = start..<endOfPrevious
    guard height <= Parser.maximumHeight else {
      throw ExpressionIssue("the expression has more than \(Parser.maximumHeight) levels", at: range)
    }
    tree.nodes.append(SyntaxTree.Node(kind: kind, range: range, height: height))
    return tree.nodes.count - 1
  }

  private mutating func enter() throws(ExpressionIssue) {
    nesting += 1
    guard nesting <= Parser.maximumNesting else {
      throw ExpressionIssue("more than \(Parser.maximumNesting) levels within each other", at: current.range)
    }
  }

  // MARK: - Operators

  private mutating func expression() throws(ExpressionIssue) -> NodeID {
    try enter()
    defer { nesting -= 1 }
    let start = current.range.lowerBound
    let condition = try binary(1)
    let question = current
    guard take(.question) else { return condition }
    let yes = try binary(1)
    guard take(.colon) else {
      throw ExpressionIssue(
        "':' is missing before \(current.description)", at: current.range,
        help: "the '?' at \(question.range.lowerBound) needs a second choice")
    }
    let no = try expression()
    return try add(.conditional(condition, yes, no), from: start)
  }

  private mutating func binary(_ minimum: Int) throws(ExpressionIssue) -> NodeID {
    let start = current.range.lowerBound
    var left = try unary()
    while let (precedence, operation) = binaryOperator(), precedence >= minimum {
      index += 1
      switch operation {
      case .logical(let sign):
        var operands = [left, try binary(precedence + 1)]
        while take(sign) { operands.append(try binary(precedence + 1)) }
        left = try add(.logical(isAnd: sign == .and, operands), from: start)
      case .arithmetic(let operation):
        left = try add(.arithmetic(operation, left, try binary(precedence + 1)), from: start)
      case .comparison(let operation):
        left = try add(.comparison(operation, left, try binary(precedence + 1)), from: start)
      case .in:
        left = try add(.contains(element: left, try binary(precedence + 1)), from: start)
      }
    }
    return left
  }

  private enum BinaryOperation {
    case logical(Token.Sign)
    case arithmetic(ArithmeticOperator)
    case comparison(ComparisonOperator)
    case `in`
  }

  private func binaryOperator() -> (Int, BinaryOperation)? {
    switch current.kind {
    case .identifier("in"): return (3, .in)
    case .sign(let sign):
      switch sign {
      case .or: return (1, .logical(sign))
      case .and: return (2, .logical(sign))
      case .equal: return (3, .comparison(.equal))
      case .notEqual: return (3, .comparison(.notEqual))
      case .less: return (3, .comparison(.less))
      case .lessOrEqual: return (3, .comparison(.lessOrEqual))
      case .greater: return (3, .comparison(.greater))
      case .greaterOrEqual: return (3, .comparison(.greaterOrEqual))
      case .plus: return (4, .arithmetic(.add))
      case .minus: return (4, .arithmetic(.subtract))
      case .times: return (5, .arithmetic(.multiply))
      case .divide: return (5, .arithmetic(.divide))
      case .remainder: return (5, .arithmetic(.remainder))
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func unary() throws(ExpressionIssue) -> NodeID {
    let start = current.range.lowerBound
    if follows(.minus), index + 1 < tokens.count, let literal = negativeLiteral(tokens[index + 1]) {
      index += 2
      return try postfix(try add(literal, from: start), from: start)
    }
    guard follows(.not) || follows(.minus) else { return try postfix(try primary(), from: start) }
    try enter()
    defer { nesting -= 1 }
    let isNot = follows(.not)
    index += 1
    let operand = try unary()
    return try add(isNot ? .not(operand) : .negate(operand), from: start)
  }

  /// The literal a minus sign and a number are together; `-9223372036854775808` is one, though its digits alone are not.
  private func negativeLiteral(_ token: Token) -> SyntaxTree.Kind? {
    switch token.kind {
    case .int(let magnitude) where magnitude <= 1 << 63: .literal(.int(Int64(truncatingIfNeeded: 0 &- magnitude)))
    case .real(let text): real("-" + text)
    default: nil
    }
  }

  private func real(_ text: String) -> SyntaxTree.Kind {
    let plain = text.hasPrefix(".") ? "0" + text : text.hasPrefix("-.") ? "-0" + text.dropFirst() : text
    return .real(Double(plain) ?? 0, Decimal(plain))
  }

  // MARK: - Operands

  private mutating func postfix(_ operand: NodeID, from start: Int) throws(ExpressionIssue) -> NodeID {
    var operand = operand
    while true {
      let token = current
      if take(.dot) {
        let isOptional = take(.question)
        let fieldStart = current.range.lowerBound
        let (name, isQuoted) = try selector()
        let open = current
        if isOptional {
          let field = try add(.literal(.string(name)), from: fieldStart)
          operand = try add(.call(name: "_?._", target: nil, arguments: [operand, field]), from: start)
        } else if !isQuoted, take(.leftParenthesis) {
          let arguments = try list(until: .rightParenthesis, openedBy: open)
          operand = try call(name, target: operand, arguments, from: start)
        } else {
          operand = try add(.select(operand, field: name), from: start)
        }
      } else if take(.leftBracket) {
        let isOptional = take(.question)
        let key = try expression()
        try close(.rightBracket, openedBy: token)
        let kind = SyntaxTree.Kind.call(name: "_[?_]", target: nil, arguments: [operand, key])
        operand = try add(isOptional ? kind : .index(operand, key), from: start)
      } else if follows(.leftBrace), isName(operand) {
        throw ExpressionIssue(
          "messages cannot be made here", at: start..<token.range.upperBound,
          help: "write a map, with the keys in quotes: {\"name\": value}")
      } else {
        return operand
      }
    }
  }

  private func isName(_ id: NodeID) -> Bool {
    switch tree[id].kind {
    case .identifier: true
    case .select(let operand, _): isName(operand)
    default: false
    }
  }

  private mutating func selector() throws(ExpressionIssue) -> (String, isQuoted: Bool) {
    let token = current
    switch token.kind {
    case .identifier(let name) where !Parser.literalWords.contains(name):
      index += 1
      return (name, false)
    case .quotedIdentifier(let name):
      index += 1
      return (name, true)
    case .identifier(let name):
      throw ExpressionIssue(
        "'\(name)' is a word of the language and no field name", at: token.range, help: "write it in backquotes")
    default:
      throw ExpressionIssue("a field name must stand after '.', not \(token.description)", at: place(token))
    }
  }

  private mutating func primary() throws(ExpressionIssue) -> NodeID {
    let token = current
    let start = token.range.lowerBound
    switch token.kind {
    case .int(let magnitude):
      guard let number = Int64(exactly: magnitude) else {
        throw ExpressionIssue(
          "the number is too large for a signed 64-bit whole number", at: token.range, help: "write a u behind it")
      }
      return try literal(.literal(.int(number)), start)
    case .uint(let number): return try literal(.literal(.uint(number)), start)
    case .real(let text): return try literal(real(text), start)
    case .string(let text): return try literal(.literal(.string(text)), start)
    case .bytes(let bytes): return try literal(.literal(.bytes(bytes)), start)
    case .identifier(let name): return try name == "in" ? unexpected() : word(name, start)
    case .sign(.dot):
      index += 1
      guard case .identifier(let name) = current.kind else { return try unexpected() }
      return try identifier(name, isAbsolute: true, start)
    case .sign(.leftParenthesis):
      index += 1
      let inner = try expression()
      try close(.rightParenthesis, openedBy: token)
      return inner
    case .sign(.leftBracket):
      index += 1
      return try list(openedBy: token)
    case .sign(.leftBrace):
      index += 1
      return try map(openedBy: token)
    default: return try unexpected()
    }
  }

  private mutating func literal(_ kind: SyntaxTree.Kind, _ start: Int) throws(ExpressionIssue) -> NodeID {
    index += 1
    return try add(kind, from: start)
  }

  private mutating func word(_ name: String, _ start: Int) throws(ExpressionIssue) -> NodeID {
    switch name {
    case "true": return try literal(.literal(.bool(true)), start)
    case "false": return try literal(.literal(.bool(false)), start)
    case "null": return try literal(.literal(.null), start)
    default: return try identifier(name, isAbsolute: false, start)
    }
  }

  private mutating func identifier(_ name: String, isAbsolute: Bool, _ start: Int) throws(ExpressionIssue) -> NodeID {
    if Parser.reservedWords.contains(name) {
      throw ExpressionIssue("'\(name)' is a reserved word and no name", at: current.range)
    }
    index += 1
    let open = current
    guard take(.leftParenthesis) else { return try add(.identifier(name, isAbsolute: isAbsolute), from: start) }
    let arguments = try list(until: .rightParenthesis, openedBy: open)
    return try call(isAbsolute ? "." + name : name, target: nil, arguments, from: start)
  }

  private mutating func call(
    _ name: String, target: NodeID?, _ arguments: [NodeID], from start: Int
  ) throws(ExpressionIssue) -> NodeID {
    let range = start..<endOfPrevious
    let kind = try expandMacro(name, target: target, arguments, range)
    return try add(kind ?? .call(name: name, target: target, arguments: arguments), from: start)
  }

  private mutating func list(
    until end: Token.Sign, openedBy open: Token
  ) throws(ExpressionIssue) -> [NodeID] {
    var elements: [NodeID] = []
    while !follows(end) {
      elements.append(try expression())
      guard take(.comma) else { break }
      if follows(end) {
        throw ExpressionIssue("an argument is missing after ','", at: current.range)
      }
    }
    try close(end, openedBy: open)
    return elements
  }

  /// A list; one with optional elements becomes a call that takes each element behind whether it is optional.
  private mutating func list(openedBy open: Token) throws(ExpressionIssue) -> NodeID {
    var elements: [NodeID] = []
    var flags: [Bool] = []
    while !follows(.rightBracket) {
      flags.append(take(.question))
      elements.append(try expression())
      guard take(.comma) else { break }
    }
    try close(.rightBracket, openedBy: open)
    let start = open.range.lowerBound
    guard flags.contains(true) else { return try add(.list(elements), from: start) }
    var arguments: [NodeID] = []
    for (flag, element) in zip(flags, elements) {
      arguments += [try add(.literal(.bool(flag)), from: start), element]
    }
    return try add(.call(name: "@list", target: nil, arguments: arguments), from: start)
  }

  private mutating func map(openedBy open: Token) throws(ExpressionIssue) -> NodeID {
    var entries: [(key: NodeID, value: NodeID)] = []
    var flags: [Bool] = []
    while !follows(.rightBrace) {
      flags.append(take(.question))
      let key = try expression()
      guard take(.colon) else {
        throw ExpressionIssue("':' is missing before \(current.description)", at: place(current))
      }
      entries.append((key, try expression()))
      guard take(.comma) else { break }
    }
    try close(.rightBrace, openedBy: open)
    let start = open.range.lowerBound
    guard flags.contains(true) else { return try add(.map(entries), from: start) }
    var arguments: [NodeID] = []
    for (flag, entry) in zip(flags, entries) {
      arguments += [try add(.literal(.bool(flag)), from: start), entry.key, entry.value]
    }
    return try add(.call(name: "@map", target: nil, arguments: arguments), from: start)
  }

  // MARK: - Errors

  private func unexpected() throws(ExpressionIssue) -> NodeID {
    let token = current
    throw ExpressionIssue("\(token.description) stands where a value is expected", at: place(token))
  }

  private func surplus() -> ExpressionIssue {
    let token = current
    var help: String?
    if case .identifier(let name) = token.kind {
      let operators = ["and": "&&", "or": "||", "AND": "&&", "OR": "||", "is": "==", "eq": "==", "ne": "!="]
      help = operators[name].map { "write '\($0)'" }
    }
    if case .sign(.rightParenthesis) = token.kind { help = "no '(' before it is open" }
    return ExpressionIssue("\(token.description) cannot follow here", at: token.range, help: help)
  }

  private static let literalWords: Set<String> = ["true", "false", "null", "in"]
  private static let reservedWords: Set<String> = [
    "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "package",
    "namespace", "return", "var", "void", "while",
  ]
}
