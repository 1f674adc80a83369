import Expressions
import Templates

/// What a record waits for, as its error names it; nil where it does not wait.
func waitTopic(of error: any Error) -> String? {
  guard let mapping = error as? TemplateError else { return nil }
  if case .waiting(let topic) = mapping.error.kind { return topic }
  return nil
}
