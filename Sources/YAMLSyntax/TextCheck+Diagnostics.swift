import Diagnostics
import SourceText

extension TextCheck {
  /// Returns what is wrong with the characters of a file.
  func diagnostics(for file: SourceFile) -> [Diagnostic] {
    problems.map { problem in
      switch problem {
      case .invalidUTF8(let offset): Self.notUTF8(offset, file: file)
      case .forbidden(let offset, let scalar, let length): Self.forbidden(offset, scalar, length: length, file: file)
      }
    }
  }

  private static func notUTF8(_ offset: Int, file: SourceFile) -> Diagnostic {
    let isUTF16 = file.bytes.starts(with: [0xFF, 0xFE]) || file.bytes.starts(with: [0xFE, 0xFF])
    let byte = hexadecimal(UInt32(file.bytes[offset]), digits: 2)
    return Diagnostic(
      .notUTF8, isUTF16 ? "the file is UTF-16, not UTF-8" : "byte 0x\(byte) at offset \(offset) is not UTF-8",
      at: SourceSpan(file: file.id, range: offset..<offset + 1),
      help: "save the file as UTF-8")
  }

  private static func forbidden(_ offset: Int, _ scalar: UInt32, length: Int, file: SourceFile) -> Diagnostic {
    let span = SourceSpan(file: file.id, range: offset..<offset + length)
    let code = hexadecimal(scalar, digits: 4)
    switch scalar {
    case 0x0D:
      return Diagnostic(
        .forbiddenCharacter, "a carriage return without a line feed", at: span,
        help: "end lines with LF or CR LF")
    case 0x85, 0x2028, 0x2029:
      return Diagnostic(
        .forbiddenCharacter, "the line separator U+\(code) is not allowed", at: span,
        help: "remove it, or write \"\\u\(code)\" in double quotes")
    case 0xFEFF:
      return Diagnostic(
        .forbiddenCharacter, "a byte order mark is allowed only at the start of the file", at: span, help: "remove it",
        fixIt: FixIt(edits: [.init(span: span, replacement: "")], message: "remove it", applicability: .safe))
    default:
      return Diagnostic(
        .forbiddenCharacter, "the control character U+\(code) is not allowed", at: span,
        help: "remove it, or write \"\\u\(code)\" in double quotes")
    }
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}
