import Values

/// Expressions at the limits of depth and beyond them.
enum DeepExpressions {
  /// Texts that nobody writes, each too deep or too long.
  static let tooDeep: [String] = [
    String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000),
    String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000),
    String(repeating: "{1:", count: 10_000) + "1" + String(repeating: "}", count: 10_000),
    String(repeating: "!", count: 10_000) + "true", String(repeating: "-", count: 10_000) + "1",
    String(repeating: "- ", count: 10_000) + "record", String(repeating: "size(", count: 10_000),
    String(repeating: "true ? 1 : ", count: 10_000) + "1", "record" + String(repeating: ".a", count: 10_000),
    "record" + String(repeating: "[0]", count: 10_000), "record" + String(repeating: ".trim()", count: 10_000),
    "record" + String(repeating: ".?a", count: 10_000), "record" + String(repeating: "[?0]", count: 10_000),
    "1" + String(repeating: " + 1", count: 10_000), "1" + String(repeating: " < 1", count: 10_000),
    "record" + String(repeating: ".map(x, x)", count: 10_000), String(repeating: "true ? (", count: 10_000),
    String(repeating: "[1].map(x, ", count: 5_000), String(repeating: "cel.bind(x, 1, ", count: 5_000),
    "cel.block([" + Array(repeating: "1", count: 5_000).joined(separator: ",") + "], 1)",
    String(repeating: "a", count: 1 << 20), "1" + String(repeating: "+1", count: 1 << 19),
    String(repeating: "(", count: 1 << 20), String(repeating: "[1,", count: 1 << 19),
    String(repeating: "'a'+", count: 1 << 18),
    "\"" + String(repeating: "a", count: 1 << 20) + "\"",
  ]

  /// Expressions near the limits, with what they give for a record of `n` 1.
  static let deepEnough: [(String, Value)] = [
    (String(repeating: "(", count: 250) + "1" + String(repeating: ")", count: 250), 1),
    (String(repeating: "!", count: 250) + "true", true),
    (String(repeating: "-(", count: 140) + "1" + String(repeating: ")", count: 140), 1),
    ("1" + String(repeating: " + record.n", count: 480), 481),
    ("size(" + String(repeating: "[", count: 250) + "record.n" + String(repeating: "]", count: 250) + ")", 1),
    (String(repeating: "record.n == 2 ? 2 : ", count: 250) + "7", 7),
    (String(repeating: "[1].map(x, ", count: 240) + "record.n" + String(repeating: ")[0]", count: 240), 1),
    (String(repeating: "cel.bind(x, ", count: 150) + "record.n" + String(repeating: ", x + 1)", count: 150), 151),
    ("record.l" + String(repeating: ".map(x, x)", count: 450) + ".size()", 2),
    (
      "record" + String(repeating: ".?n", count: 1) + String(repeating: ".optMap(x, x + 1)", count: 100) + ".value()",
      101
    ),
    (String(repeating: "size([", count: 120) + "record.n" + String(repeating: "])", count: 120), 1),
    (String(repeating: "{'a': ", count: 240) + "record.n" + String(repeating: "}.a", count: 240), 1),
    (String(repeating: "record.n == 1 && (", count: 120) + "true" + String(repeating: ")", count: 120), true),
    ("json(" + String(repeating: "[", count: 240) + String(repeating: "]", count: 240) + ").size()", 480),
    (
      String(repeating: "[", count: 240) + "record.n" + String(repeating: "]", count: 240) + " == "
        + String(repeating: "[", count: 240) + "record.n" + String(repeating: "]", count: 240), true
    ),
  ]
}
