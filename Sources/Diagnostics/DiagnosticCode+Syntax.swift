extension DiagnosticCode {
  /// The codes of the syntax phase.
  static let syntax: [DiagnosticCode] = [
    .invalidSyntax, .notUTF8, .forbiddenCharacter, .fileTooLarge, .duplicateKey, .nestedTooDeeply, .tooManyNodes,
    .tooManyAliases, .aliasInsideItself, .unknownAlias, .unsupportedTag, .mergeKey, .keyNotScalar,
    .unsupportedDirective, .tabIndentation, .badIndentation, .unclosedQuote, .unclosedBracket, .missingColon,
    .mappingInValue, .reservedCharacter, .textAfterValue, .unknownEscape, .listOnKeyLine, .emptyKey, .numberTooLarge,
    .badBlockHeader,
  ]

  /// Text that is no YAML, for a reason without a code of its own.
  public static let invalidSyntax = DiagnosticCode(
    "DH1000", title: "not valid YAML",
    explanation:
      """
      The text cannot be read as YAML at this place. The document is left out; the other documents of the file are \
      read.
      """,
    bad: "items: [1, , 2]\n", good: "items: [1, 2]\n")

  /// Bytes that are no UTF-8.
  public static let notUTF8 = DiagnosticCode(
    "DH1001", title: "not UTF-8",
    explanation: "Files must be UTF-8, with or without a byte order mark. Save the file as UTF-8 in your editor.")

  /// A control character, or another one YAML does not allow.
  public static let forbiddenCharacter = DiagnosticCode(
    "DH1002", title: "character not allowed",
    explanation: """
      YAML does not allow control characters. Lone carriage returns and the separators U+0085, U+2028 and U+2029 are \
      refused too: some programs end a line there and some do not. Inside double quotes, write them as escapes: \
      "\\u2028".
      """,
    bad: "name: a\u{7}b\n", good: "name: \"a\\u0007b\"\n")

  /// A file beyond the limit of bytes.
  public static let fileTooLarge = DiagnosticCode(
    "DH1003", title: "file too large",
    explanation: "A file may have 4 MiB. Large code tables belong into CSV files that a value mapping names.")

  /// The same key twice in a mapping.
  public static let duplicateKey = DiagnosticCode(
    "DH1004", title: "duplicate key",
    explanation:
      "A key may stand once in a mapping. Programs disagree which of two counts, so neither does. Remove one.",
    bad: "source: shop\ntarget: erp\nsource: store\n", good: "source: shop\ntarget: erp\n")

  /// Nodes nested beyond the limit.
  public static let nestedTooDeeply = DiagnosticCode(
    "DH1005", title: "nested too deeply",
    explanation: "Lists and mappings may be nested 100 deep.", bad: String(repeating: "[", count: 101) + "\n")

  /// More nodes than the limit.
  public static let tooManyNodes = DiagnosticCode(
    "DH1006", title: "too many values",
    explanation:
      "A file may have 1,000,000 keys and values. Large code tables belong into CSV files that a value mapping names.")

  /// Aliases that copy more than the limit.
  public static let tooManyAliases = DiagnosticCode(
    "DH1007", title: "aliases copy too much",
    explanation: """
      Aliases may copy 10,000 values in a file. Aliases of aliases grow without bound ("billion laughs"), so they \
      are counted before anything is copied. Use `extends` to share settings.
      """)

  /// An alias inside the node it stands for.
  public static let aliasInsideItself = DiagnosticCode(
    "DH1008", title: "alias inside itself",
    explanation: "An alias stands for the node with its anchor; inside that node it would never end.",
    bad: "steps: &all [first, *all]\n", good: "steps: &all [first]\nagain: *all\n")

  /// An alias without an anchor before it.
  public static let unknownAlias = DiagnosticCode(
    "DH1009", title: "unknown alias",
    explanation: """
      An alias `*name` needs an anchor `&name` earlier in the same document. If no alias was meant, put the text in \
      quotes: "*name".
      """,
    bad: "first: &base 1\nsecond: *bsae\n", good: "first: &base 1\nsecond: *base\n")

  /// A tag.
  public static let unsupportedTag = DiagnosticCode(
    "DH1010", title: "unsupported tag",
    explanation: """
      Tags would give a value a type of an application. Only the tags of the core schema (`!!str`, `!!int`, \
      `!!float`, `!!bool`, `!!null`, `!!seq`, `!!map`) are read, and they must fit the value. If no tag was meant, \
      put the text in quotes: "!name".
      """,
    bad: "password: !vault abc\n", good: "password: ${ secret(\"env:PASSWORD\") }\n")

  /// The merge key of YAML 1.1.
  public static let mergeKey = DiagnosticCode(
    "DH1011", title: "merge key",
    explanation: "The merge key `<<` is YAML 1.1 and not part of YAML 1.2. Use `extends`, or write the entries out.",
    bad: "base: &base { a: 1 }\nother:\n  <<: *base\n", good: "base: &base { a: 1 }\nother: *base\n")

  /// A list or mapping as a key.
  public static let keyNotScalar = DiagnosticCode(
    "DH1012", title: "key is not text",
    explanation: "A key must be a single text. `{{ name }}` without quotes is such a key too: put it in quotes.",
    bad: "[a, b]: c\n", good: "\"a, b\": c\n")

  /// A directive other than `%YAML 1.2`.
  public static let unsupportedDirective = DiagnosticCode(
    "DH1013", title: "unsupported directive",
    explanation: "A line that starts with `%` is a directive. Only `%YAML 1.2` and `%YAML 1.1` are read.",
    bad: "%TAG ! tag:example.com,2026:\n---\na: 1\n", good: "%YAML 1.2\n---\na: 1\n")

  /// A tab where spaces indent.
  public static let tabIndentation = DiagnosticCode(
    "DH1014", title: "tab in indentation",
    explanation: "YAML is indented with spaces; a tab has no fixed width. Set the editor to insert spaces.",
    bad: "spec:\n\tname: a\n", good: "spec:\n  name: a\n")

  /// A line that fits to no level of indentation.
  public static let badIndentation = DiagnosticCode(
    "DH1015", title: "wrong indentation",
    explanation: "Entries of one mapping, and items of one list, must start in the same column.",
    bad: "spec:\n    name: a\n  title: b\n", good: "spec:\n  name: a\n  title: b\n")

  /// A quote without its end.
  public static let unclosedQuote = DiagnosticCode(
    "DH1016", title: "unclosed quote",
    explanation: """
      The text is not closed by the quote it was opened with. In single quotes, `''` is one quote; in double quotes, \
      `\\"` is one.
      """,
    bad: "name: 'a\nkind: Hub\n", good: "name: 'a'\nkind: Hub\n")

  /// A bracket or brace without its end.
  public static let unclosedBracket = DiagnosticCode(
    "DH1017", title: "unclosed bracket",
    explanation:
      "A list `[a, b]` or mapping `{a: 1, b: 2}` is not closed, or a comma is missing between two of its parts.",
    bad: "items: [1, 2\nkind: Hub\n", good: "items: [1, 2]\nkind: Hub\n")

  /// A line in a mapping that is no entry.
  public static let missingColon = DiagnosticCode(
    "DH1018", title: "missing colon",
    explanation: "Every line of a mapping is `key: value`, with a colon and a space after the key.",
    bad: "kind: Hub\nname\ntitle: b\n", good: "kind: Hub\nname: a\ntitle: b\n")

  /// A second `: ` on a line.
  public static let mappingInValue = DiagnosticCode(
    "DH1019", title: "mapping inside a value",
    explanation: "A colon and a space inside a value would start a mapping there. Put the value in quotes.",
    bad: "title: Orders: daily\n", good: "title: \"Orders: daily\"\n")

  /// A character that cannot start a value.
  public static let reservedCharacter = DiagnosticCode(
    "DH1020", title: "character cannot start a value",
    explanation:
      """
      A value without quotes cannot start with `@`, `` ` ``, `%`, inside brackets not with `?`, and `*` or `&` must be \
      followed by a name of letters, digits, `-` and `_`. Put it in quotes.
      """,
    bad: "user: @anna\n", good: "user: \"@anna\"\n")

  /// Text behind a value that was complete.
  public static let textAfterValue = DiagnosticCode(
    "DH1021", title: "text after a value",
    explanation:
      "A text in quotes, a list or a mapping ends at its closing mark; nothing but a comment may follow on the line.",
    bad: "name: \"a\" b\n", good: "name: \"a b\"\n")

  /// A backslash with something that is no escape.
  public static let unknownEscape = DiagnosticCode(
    "DH1022", title: "unknown escape",
    explanation: """
      In double quotes a backslash starts an escape (`\\n`, `\\t`, `\\"`, `\\\\`, `\\x41`, `\\u1234`). For a \
      backslash as it is, write two, or use single quotes.
      """,
    bad: "path: \"C:\\data\"\n", good: "path: 'C:\\data'\n")

  /// A list that starts on the line of its key.
  public static let listOnKeyLine = DiagnosticCode(
    "DH1023", title: "list on the line of its key",
    explanation: "A list of `- ` items starts on the line after its key. If a text was meant, put it in quotes.",
    bad: "items: - a\n", good: "items:\n  - a\n")

  /// An entry without a key.
  public static let emptyKey = DiagnosticCode(
    "DH1024", title: "missing key", explanation: "An entry has a colon and no key before it.", bad: "{ : 1 }\n",
    good: "{ a: 1 }\n")

  /// A hexadecimal or octal number beyond 64 bits.
  public static let numberTooLarge = DiagnosticCode(
    "DH1025", title: "number too large",
    explanation: "A hexadecimal or octal number may have 63 bits. Put it in quotes if it is a text.",
    bad: "id: 0xFFFFFFFFFFFFFFFFFF\n", good: "id: \"0xFFFFFFFFFFFFFFFFFF\"\n")

  /// Something behind `|` or `>` that does not belong there.
  public static let badBlockHeader = DiagnosticCode(
    "DH1026", title: "wrong block start",
    explanation:
      """
      After `|` or `>` only `+` or `-`, an indentation from 1 to 9 and a comment may follow; the text starts on \
      the next line.
      """,
    bad: "text: | hello\n", good: "text: |\n  hello\n")
}
