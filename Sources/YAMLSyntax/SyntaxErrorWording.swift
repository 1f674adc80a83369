import Diagnostics
import SourceText

struct SyntaxErrorWording {
  init(_ error: EventError, file: SourceFile, bytes: UnsafeBufferPointer<UInt8>) {
    diagnostic = Diagnostic(
      .invalidSyntax, "\(error.context): \(error.problem)",
      at: SourceSpan(file: file.id, range: error.offset..<error.offset),
      secondary: [Label(SourceSpan(file: file.id, range: error.contextOffset..<error.contextOffset))])
  }
  let diagnostic: Diagnostic
}
