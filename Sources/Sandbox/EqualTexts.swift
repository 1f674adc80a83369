import Digests

/// True where two texts have the same bytes, in a time that tells nothing of where they differ.
func equalTexts(_ left: String, _ right: String) -> Bool { equalInConstantTime(Array(left.utf8), Array(right.utf8)) }
