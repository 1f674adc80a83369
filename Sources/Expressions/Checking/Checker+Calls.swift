import Values

extension Checker {
  mutating func call(_ id: NodeID, _ name: String, _ target: NodeID?, _ arguments: [NodeID]) {
    if let target, let (space, isAbsolute) = qualifiedName(target),
      let function = global(space + "." + name, isAbsolute)
    {
      use(function, id, isMember: false, arguments)
    } else if let target {
      visit(target)
      if let function = environment.functions.members[name] {
        use(function, id, isMember: true, [target] + arguments)
      } else {
        unknownFunction(id, name, isMember: true)
        for argument in arguments { visit(argument) }
      }
    } else {
      let isAbsolute = name.hasPrefix(".")
      let plain = isAbsolute ? String(name.dropFirst()) : name
      if let function = global(plain, isAbsolute) {
        use(function, id, isMember: false, arguments)
      } else {
        unknownFunction(id, plain, isMember: false)
        for argument in arguments { visit(argument) }
      }
    }
  }

  private func global(_ name: String, _ isAbsolute: Bool) -> Function? {
    for candidate in environment.candidates(for: name, isAbsolute: isAbsolute) {
      if let function = environment.functions.globals[candidate] { return function }
    }
    return nil
  }

  /// A call of a function with its arguments, the target of a member call first, which was visited.
  private mutating func use(_ function: Function, _ id: NodeID, isMember: Bool, _ arguments: [NodeID]) {
    references[id] = .function(function, isMember: isMember)
    guard function.arity.contains(arguments.count) else {
      for argument in arguments.dropFirst(isMember ? 1 : 0) { visit(argument) }
      wrongCount(function, id, isMember: isMember, count: arguments.count)
      return
    }
    switch function.name {
    case "_?._", "_[?_]": optionalEntry(id, arguments[0], arguments[1])
    case "@list": optionalList(id, arguments)
    case "@map": optionalMap(id, arguments)
    default:
      for argument in arguments.dropFirst(isMember ? 1 : 0) { visit(argument) }
      resolveOverload(function, id, isMember: isMember, arguments)
      for (place, form) in function.textForms.sorted(by: { $0.key < $1.key }) where place < arguments.count {
        checkText(arguments[place], form)
      }
    }
  }

  /// Checks a text that is written out as the call would.
  private mutating func checkText(_ id: NodeID, _ form: TextForm) {
    guard case .literal(.string(let text)) = tree[id].kind else { return }
    do throws(Failure) {
      try form.check(text)
    } catch {
      let (message, help) = (error.error.message, error.error.help)
      report { ExpressionIssue(message, kind: .invalidLiteral, at: $0.tree[id].range, help: help) }
    }
  }

  private mutating func wrongCount(_ function: Function, _ id: NodeID, isMember: Bool, count: Int) {
    let hidden = isMember ? 1 : 0
    let (least, most) = (function.arity.lowerBound - hidden, function.arity.upperBound - hidden)
    let wanted = least == most ? "\(least)" : most > 64 ? "at least \(least)" : "\(least) to \(most)"
    let message = "\(function.name)() takes \(wanted) argument\(wanted == "1" ? "" : "s"), not \(count - hidden)"
    report {
      ExpressionIssue(message, kind: .argumentCount, at: $0.tree[id].range, help: Checker.signatureHelp(function))
    }
    references[id] = .unknown(name: function.name, message: message)
  }

  private static func signatureHelp(_ function: Function) -> String? {
    function.signatures.isEmpty ? nil : "there is " + function.signatures.joined(separator: ", ")
  }

  // MARK: - Overloads

  private mutating func resolveOverload(_ function: Function, _ id: NodeID, isMember: Bool, _ arguments: [NodeID]) {
    if function.name == "dyn" {
      types[id] = .dyn
      return
    }
    if let first = arguments.first, case .literal(.string(let text)) = tree[first].kind,
      let type = environment.resultTypes[function.name]?(text)
    {
      // What a further argument gives where nothing is found is of its own type.
      know(id, .union(of: [type] + arguments.dropFirst(2).map { types[$0] }))
      return
    }
    let all = function.overloads.filter { $0.takes(arguments.count) }
    let own = all.filter { $0.isMember == isMember }
    let candidates = own.isEmpty ? all : own
    guard !candidates.isEmpty else { return know(id, .dyn) }
    let given = arguments.map { types[$0] }
    var results: [ExpressionType] = []
    var fitting: [Overload] = []
    var isCertain = true
    for overload in candidates {
      var match = TypeMatch()
      var least = TypeFit.always
      for (place, type) in given.enumerated() { least = min(least, match.fit(type, overload.parameter(place))) }
      guard least != .never else { continue }
      if least == .unknown { isCertain = false }
      fitting.append(overload)
      results.append(match.resolved(overload.result))
      if least == .always { break }
    }
    guard !results.isEmpty else { return noOverload(function, id, given) }
    doubtArguments(arguments, fitting, function.name)
    let result = ExpressionType.union(of: results)
    if case .union = result, !isCertain { return know(id, .dyn) }
    know(id, result)
  }

  private mutating func noOverload(_ function: Function, _ id: NodeID, _ given: [ExpressionType]) {
    let types = given.map(\.description).joined(separator: ", ")
    report {
      ExpressionIssue(
        "no such overload: \(function.name)(\(types))", kind: .noOverload, at: $0.tree[id].range,
        help: (function.handlesOpaque ? nil : Checker.optionalHelp(given)) ?? Checker.signatureHelp(function))
    }
  }

  /// Doubts arguments that may be of a type that none of the overloads takes.
  private mutating func doubtArguments(_ arguments: [NodeID], _ overloads: [Overload], _ name: String) {
    for (place, argument) in arguments.enumerated() {
      guard case .union(let members) = types[argument] else { continue }
      let refused = members.filter { member in
        !overloads.contains { overload in
          var match = TypeMatch()
          return match.fit(member, overload.parameter(place)) != .never
        }
      }
      guard refused.count < members.count else { continue }
      doubt(refused, tree[argument].range) { "\(name)() does not take \($0.withArticle)" }
    }
  }

  // MARK: - Lists and maps with optional entries

  /// `[?x, y]`: the elements behind whether they are optional.
  private mutating func optionalList(_ id: NodeID, _ arguments: [NodeID]) {
    for argument in arguments { visit(argument) }
    let elements = stride(from: 1, to: arguments.count, by: 2).map { place in
      held(arguments[place], isOptional: isTrue(arguments[place - 1]))
    }
    types[id] = .list(elements.isEmpty ? .dyn : .union(of: elements))
  }

  /// `{?k: v, l: w}`: keys and values behind whether they are optional.
  private mutating func optionalMap(_ id: NodeID, _ arguments: [NodeID]) {
    for argument in arguments { visit(argument) }
    types[id] = mapType(
      stride(from: 2, to: arguments.count, by: 3).map { place in
        let isOptional = isTrue(arguments[place - 2])
        return (arguments[place - 1], held(arguments[place], isOptional: isOptional), !isOptional)
      })
  }

  private func isTrue(_ id: NodeID) -> Bool {
    if case .literal(.bool(true)) = tree[id].kind { true } else { false }
  }

  private mutating func held(_ id: NodeID, isOptional: Bool) -> ExpressionType {
    guard isOptional else { return types[id] }
    return each(of: id, "is no optional") { type in if case .optional(let inner) = type { inner } else { nil } } ?? .dyn
  }

  // MARK: - Unknown functions

  private mutating func unknownFunction(_ id: NodeID, _ name: String, isMember: Bool) {
    let message = "unknown function '\(name)'"
    references[id] = .unknown(name: name, message: message)
    report {
      ExpressionIssue(
        message, kind: .unknownFunction, at: $0.tree[id].range, help: $0.functionHelp(name, isMember: isMember))
    }
  }

  private func functionHelp(_ name: String, isMember: Bool) -> String? {
    let functions = environment.functions
    if isMember, let function = functions.globals[name] {
      return "it is called as \(function.signatures.first ?? name + "(...)")"
    } else if !isMember, let function = functions.members[name] {
      return "it is called as \(function.signatures.first ?? "x." + name + "(...)")"
    } else if !isMember, ["all", "exists", "exists_one", "existsOne", "filter", "map"].contains(name) {
      return "it is called on a list, as in record.items.\(name)(item, ...)"
    } else {
      let known = (isMember ? functions.members : functions.globals).keys.sorted()
      return ForeignNames.help(for: name) ?? Suggestion.help(for: name, among: known, noun: "functions")
    }
  }
}
