import Expressions
import SourceText
import Values

/// A template with what is known of the values it makes.
struct TypedTemplate {
  /// What a part of the template makes.
  indirect enum Content {
    /// This value, always.
    case constant(Value)
    /// A value of a type.
    case value(ExpressionType)
    case list([TypedTemplate])
    case map([Field])
    /// A list of as many elements as there are in another.
    case loop(TypedTemplate)
  }

  struct Field {
    let name: String
    let span: SourceSpan
    let value: TypedTemplate
  }

  /// The value as it is written.
  let span: SourceSpan
  /// Where to point at the part as a whole: its key, else its beginning.
  let head: SourceSpan
  let content: Content
}
