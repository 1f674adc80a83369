import Diagnostics
import Foundation
import SourceText
import Testing
import YAMLSyntax

/// `docs/language/yaml.md`, taken apart.
private struct YAMLPage {
  /// A refused construct: its codes, what is refused, and what to write instead.
  var refused: [(title: String, code: String, wrong: String, right: String)] = []
  /// An example and its value, from the table.
  var accepted: [(yaml: String, json: String)] = []

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/language/yaml.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    for line in text.split(separator: "\n") where line.hasPrefix("|") && line.contains("`") {
      let codes = line.components(separatedBy: "| ").dropFirst(2).map {
        $0.trimmingCharacters(in: CharacterSet(charactersIn: " |`"))
      }
      accepted.append((codes[0], codes[1]))
    }
    for section in text.components(separatedBy: "\n### ").dropFirst() {
      let title = section.prefix { !$0.isNewline }
      let blocks = section.components(separatedBy: "```")
      let code = title.components(separatedBy: ": ").last ?? ""
      func block(_ index: Int) -> String { String(blocks[index].dropFirst("yaml\n".count)) }
      try #require(blocks.count >= 4, "\(title) needs two examples")
      refused.append((String(title), code, block(1), block(3)))
    }
  }
}

@Suite("The page about YAML")
struct YAMLPageTests {
  private func codes(_ text: String) -> Set<String> {
    Set(parseYAML(Marked.plain(text)).diagnostics.all.map(\.code.rawValue))
  }

  @Test("every refused construct gives its code, and what to write instead gives none")
  func refused() throws {
    let page = try YAMLPage()
    #expect(page.refused.count >= 15)
    for item in page.refused {
      #expect(codes(item.wrong) == [item.code], "\(item.title)")
      #expect(codes(item.right) == [], "\(item.title)")
    }
  }

  @Test("every example of the table has its value")
  func accepted() throws {
    let page = try YAMLPage()
    #expect(page.accepted.count >= 10)
    for (yaml, json) in page.accepted { #expect(try value(yaml) == json, "\(yaml)") }
  }

  private func value(_ text: String) throws -> String {
    let parsed = parseYAML(Marked.plain(text))
    #expect(parsed.diagnostics.isEmpty, "\(text)")
    return jsonForm(try #require(parsed.value?.first?.root))
  }
}

/// A node as JSON, numbers with the digits they were written with.
func jsonForm(_ node: YAMLNode) -> String {
  switch node.content {
  case .sequence(let items): return "[" + items.map(jsonForm).joined(separator: ",") + "]"
  case .mapping(let entries):
    return "{" + entries.map { quoted($0.keyText) + ":" + jsonForm($0.value) }.joined(separator: ",") + "}"
  case .scalar(let scalar):
    switch scalar.core {
    case .null: return "null"
    case .bool(let flag): return String(flag)
    case .integer(let number): return String(number)
    case .number(let digits): return digits
    case .infinity(let negative): return negative ? "-Infinity" : "Infinity"
    case .notANumber: return "NaN"
    case .string: return quoted(scalar.text)
    }
  }
}

private func quoted(_ text: String) -> String {
  let escapes = [("\\", "\\\\"), ("\"", "\\\""), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")]
  return "\"" + escapes.reduce(text) { $0.replacing($1.0, with: $1.1) } + "\""
}
