/// A text from outside with nothing in it that would steer a terminal.
func printable(_ text: String, keepsLines: Bool = false) -> String {
  guard text.unicodeScalars.contains(where: { isSteering($0) && !(keepsLines && $0 == "\n") }) else { return text }
  var clean = ""
  for scalar in text.unicodeScalars {
    if keepsLines, scalar == "\n" {
      clean.unicodeScalars.append(scalar)
    } else if scalar == "\n" || scalar == "\t" || scalar == "\r" {
      clean += " "
    } else if isSteering(scalar) {
      clean += "\u{FFFD}"
    } else {
      clean.unicodeScalars.append(scalar)
    }
  }
  return clean
}

/// Control characters, and those that turn the direction of the text around them.
private func isSteering(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
  default: false
  }
}

/// How many columns of a terminal a text takes: two for East Asian wide characters, none for marks on a letter.
package func displayWidth(_ text: String) -> Int {
  if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
  return text.reduce(0) { $0 + width(of: $1) }
}

private func width(of character: Character) -> Int {
  guard let scalar = character.unicodeScalars.first else { return 0 }
  switch scalar.value {
  case 0..<0x300: return 1
  case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1F9FF, 0x20000...0x3FFFD:
    return 2
  default:
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: return 1
    }
  }
}

/// A text cut to a number of columns, with an ellipsis where something is missing.
package func cut(_ text: String, to columns: Int) -> String {
  guard displayWidth(text) > columns else { return text }
  var result = ""
  var used = 0
  for character in text {
    let width = width(of: character)
    guard used + width < columns else { break }
    result.append(character)
    used += width
  }
  return result + "…"
}

/// A number with a comma at every third digit.
package func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return text
}

/// `1 record`, `2 records`.
func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}
