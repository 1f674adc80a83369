/// Returns the known name that is most like a misspelt one.
///
/// A name counts as alike if fewer than three letters must be added, left out, exchanged or swapped with their
/// neighbour, and fewer than half of its letters. Of equally good names the first in alphabetical order is taken.
public func didYouMean(_ name: String, among: [String]) -> String? {
  let letters = Array(name)
  // Nobody misspells a name this long by two letters, and the time grows with the square.
  guard letters.count <= 200 else { return nil }
  var best: (distance: Int, name: String)?
  for candidate in among where candidate != name && abs(candidate.utf8.count - name.utf8.count) <= 16 {
    let other = Array(candidate)
    guard abs(other.count - letters.count) < 3 else { continue }
    let distance = editDistance(letters, other)
    guard distance < 3, 2 * distance < max(letters.count, other.count) else { continue }
    if let best, (best.distance, best.name) < (distance, candidate) { continue }
    best = (distance, candidate)
  }
  return best?.name
}

/// The Damerau-Levenshtein distance, in the form where no letter is edited twice.
func editDistance(_ left: [Character], _ right: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for (row, letter) in left.enumerated() {
    var current = [row + 1]
    current.reserveCapacity(right.count + 1)
    for (column, other) in right.enumerated() {
      var distance = min(last[column + 1] + 1, current[column] + 1, last[column] + (letter == other ? 0 : 1))
      let isSwap = row > 0 && column > 0 && letter == right[column - 1] && left[row - 1] == other
      if isSwap { distance = min(distance, beforeLast[column - 1] + 1) }
      current.append(distance)
    }
    beforeLast = last
    last = current
  }
  return last[right.count]
}
