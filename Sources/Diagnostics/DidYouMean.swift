/// Returns the known name that is most like a misspelt one.
public func didYouMean(_ name: String, among: [String]) -> String? {
  nil
}
