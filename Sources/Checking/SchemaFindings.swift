import Declarations
import Diagnostics
import Schemas
import SourceText

/// The findings about a schema itself.
///
/// - Parameter span: where to point at what has no place of its own.
func findings(about issues: [SchemaIssue], at span: SourceSpan) -> Diagnostics {
  Diagnostics(
    issues.map { issue in
      let code: DiagnosticCode =
        switch issue.kind {
        case .malformed: .invalidSchema
        case .unsupported: .unsupportedSchema
        case .unknownKeyword: .unknownKeyword
        }
      return Diagnostic(code, issue.message, at: issue.span ?? span, help: issue.help)
    })
}

extension SchemaProblem {
  /// The code of the finding about a mapping that has the problem.
  var code: DiagnosticCode {
    switch kind {
    case .wrongType: .wrongTargetType
    case .missingField: .missingTargetField
    case .unknownField: .unknownTargetField
    case .notAllowed: .notInEnumeration
    case .outOfBounds: .outOfBounds
    case .possibleNull: .possibleNull
    case .possiblyMissing: .possiblyMissing
    case .possibleMismatch: .possibleMismatch
    case .lossy: .lossyNumber
    }
  }

  /// The place of the schema that wants it otherwise.
  var label: [Label] { schema.span.map { [Label($0, "declared here")] } ?? [] }
}
