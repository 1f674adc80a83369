public import Diagnostics
import SourceText
public import YAMLSyntax

/// Reads the documents of a file into declarations: the envelope here, the fields of the kind against its ``ObjectSpec``.
public struct DeclarationReader {
  private static let supportedVersion = "datahub/v1"
  private static let envelopeKeys = ObjectSpec.envelope.fields.map(\.name)

  private let isCatalogue: Bool
  private var diagnostics = Diagnostics()
  private var unreadNames: Set<String> = []

  private init(isCatalogue: Bool) { self.isCatalogue = isCatalogue }

  /// What a file declares.
  public struct Reading: Sendable {
    /// The declarations.
    public var declarations: [Declaration]
    /// The names of documents that are too wrong to be declarations: what refers to them is not wrong as well.
    public var unreadNames: Set<String>
  }

  /// The declarations of a file's documents, and all that is wrong with each taken by itself.
  public static func read(_ documents: [YAMLDocument], isCatalogue: Bool) -> Checked<Reading> {
    var reader = DeclarationReader(isCatalogue: isCatalogue)
    let declarations = documents.compactMap { document -> Declaration? in
      guard let root = document.root else { return nil }
      if let declaration = reader.readDocument(root) { return declaration }
      if let name = root.child("metadata")?.text("name") { reader.unreadNames.insert(name) }
      return nil
    }
    return Checked(
      Reading(declarations: declarations, unreadNames: reader.unreadNames), diagnostics: reader.diagnostics)
  }

  /// What keeps documents from being resources at all: no map, no version or kind, or unknown ones.
  ///
  /// What else may be wrong with them is not told.
  public static func checkKinds(_ documents: [YAMLDocument]) -> Diagnostics {
    var reader = DeclarationReader(isCatalogue: false)
    for root in documents.compactMap(\.root) where reader.isMap(root) {
      _ = reader.checkVersion(root)
      _ = reader.readKind(root)
    }
    return reader.diagnostics
  }

  private mutating func isMap(_ root: YAMLNode) -> Bool {
    if root.entries != nil { return true }
    report(.wrongType, "a document declares a resource: a map with apiVersion, kind, metadata and spec", root)
    return false
  }

  private mutating func readDocument(_ root: YAMLNode) -> Declaration? {
    guard isMap(root) else { return nil }
    checkKeys(of: root, title: "document", allowed: DeclarationReader.envelopeKeys)
    let versionIsKnown = checkVersion(root)
    guard let kind = readKind(root), versionIsKnown else { return nil }
    guard let (name, nameSpan, title) = readMetadata(root, kind) else { return nil }
    var spec = root["spec"]?.value ?? YAMLNode(span: nameSpan, content: .mapping([]))
    var checker = SpecChecker()
    checker.checkObject(spec, kind.spec)
    if kind == .connector {
      let unified = ConnectorEnvironments.unify(spec)
      spec = unified.spec
      diagnostics.append(contentsOf: unified.diagnostics)
    }
    diagnostics.append(contentsOf: checker.diagnostics)
    return Declaration(
      kind: kind, name: name, nameSpan: nameSpan, title: title, extends: readExtends(root),
      isAbstract: readAbstract(root), deprecation: root.child("metadata")?.text("deprecated"), span: root.span,
      spec: spec, isFromCatalogue: isCatalogue)
  }

  private mutating func checkVersion(_ root: YAMLNode) -> Bool {
    guard let version = root["apiVersion"]?.value else {
      report(
        .missingKey, "'apiVersion' is missing", root, label: "this document",
        help: "write apiVersion: \(Self.supportedVersion)", fixIt: versionFix(root))
      return true
    }
    guard version.scalar?.text == DeclarationReader.supportedVersion else {
      report(.otherVersion, "this program reads apiVersion '\(Self.supportedVersion)'", version)
      return false
    }
    return true
  }

  /// The line that is missing, before the first key of a block.
  private func versionFix(_ root: YAMLNode) -> FixIt? {
    guard let first = root.entries?.first?.key.span.range.lowerBound, first == root.span.range.lowerBound else {
      return nil
    }
    let place = SourceSpan(file: root.span.file, range: first..<first)
    return FixIt(
      edits: [.init(span: place, replacement: "apiVersion: \(Self.supportedVersion)\n")], message: "write it",
      applicability: .safe)
  }

  private mutating func readKind(_ root: YAMLNode) -> ResourceKind? {
    let names = ResourceKind.allCases.map(\.rawValue)
    guard let node = root["kind"]?.value else {
      report(
        .missingKey, "'kind' is missing", root, label: "this document",
        help: "kinds are \(names.joined(separator: ", "))")
      return nil
    }
    if let text = node.scalar?.text, let kind = ResourceKind(rawValue: text) { return kind }
    let text = node.scalar?.text ?? ""
    report(
      .unknownKind, "there is no kind '\(text)'", node,
      help: suggestion(text, among: names) ?? "kinds are \(names.joined(separator: ", "))",
      fixIt: .naming(text, among: names, at: node.span))
    return nil
  }

  private mutating func readMetadata(_ root: YAMLNode, _ kind: ResourceKind) -> (String, SourceSpan, String?)? {
    guard let metadata = root["metadata"]?.value else {
      report(.missingKey, "'metadata' is missing", root, label: "this document", help: "write metadata: { name: ... }")
      return nil
    }
    guard metadata.entries != nil else {
      report(.wrongType, "'metadata' is a map: { name: ... }", metadata)
      return nil
    }
    var checker = SpecChecker()
    checker.checkObject(metadata, .metadata)
    diagnostics.append(contentsOf: checker.diagnostics)
    guard let node = metadata["name"]?.value, let name = node.scalar?.text else {
      report(.missingKey, "'name' is missing in metadata", metadata, label: "here")
      return nil
    }
    guard isValidName(name, mayHavePlatform: kind == .standardAPI) else {
      report(
        .invalidName, "'\(name)' is not a name", node,
        help: "names have letters, digits, '-', '_' and '.'; the title may be any text")
      return nil
    }
    return (name, node.span, metadata["title"]?.value.scalar?.text)
  }

  private func readExtends(_ root: YAMLNode) -> (name: String, span: SourceSpan)? {
    guard let node = root["extends"]?.value, let name = node.scalar?.text else { return nil }
    return (name, node.span)
  }

  private mutating func readAbstract(_ root: YAMLNode) -> Bool {
    guard let node = root.child("abstract") else { return false }
    guard case .bool(let flag)? = node.scalar?.core else {
      report(.wrongType, "'abstract' takes true or false", node)
      return false
    }
    return flag
  }

  private mutating func checkKeys(of node: YAMLNode, title: String, allowed: [String]) {
    for entry in node.entries ?? [] where !allowed.contains(entry.keyText) {
      diagnostics.append(unknownKey(entry, in: title, allowed: allowed, beside: node.entries ?? []))
    }
  }

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ node: YAMLNode, label: String? = nil, help: String? = nil,
    fixIt: FixIt? = nil
  ) {
    diagnostics.append(Diagnostic(code, message, at: node.headSpan, label: label, help: help, fixIt: fixIt))
  }
}

/// Whether a text is a name: letters, digits, `-`, `_`, `.`; a standard API's may have its platform before it.
public func isValidName(_ name: String, mayHavePlatform: Bool) -> Bool {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  guard parts.count == 1 || (mayHavePlatform && parts.count == 2), name.utf8.count <= 100 else { return false }
  return parts.allSatisfy { part in
    guard let first = part.first, first.isASCII, first.isLetter || first.isNumber else { return false }
    return part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
  }
}

/// The finding about a key no field has.
func unknownKey(_ entry: YAMLEntry, in title: String, allowed: [String], beside siblings: [YAMLEntry]) -> Diagnostic {
  let close = didYouMean(entry.keyText, among: allowed)
  return Diagnostic(
    .unknownKey, "unknown key '\(entry.keyText)' in \(title)", at: entry.key.span,
    notes: ["keys of \(title) are \(allowed.joined(separator: ", "))"], help: close.map { "did you mean '\($0)'?" },
    fixIt: .naming(
      entry.keyText, among: allowed, at: entry.key.span, taken: Set(siblings.map(\.keyText))))
}

/// "did you mean ...?", where something is close.
func suggestion(_ text: String, among names: [String]) -> String? {
  didYouMean(text, among: names).map { "did you mean '\($0)'?" }
}
