/// Whether a name fits a pattern in which `*` stands for any characters and `?` for one.
package func matches(_ name: String, pattern: String) -> Bool {
  let name = Array(name)
  let pattern = Array(pattern)
  var (at, place) = (0, 0)
  // Where to go on after the last star, should what follows it not fit.
  var retry: (at: Int, place: Int)?
  while at < name.count {
    if place < pattern.count, pattern[place] == "*" {
      retry = (at, place + 1)
      place += 1
    } else if place < pattern.count, pattern[place] == "?" || pattern[place] == name[at] {
      at += 1
      place += 1
    } else if let last = retry {
      retry = (last.at + 1, last.place)
      (at, place) = (last.at + 1, last.place)
    } else {
      return false
    }
  }
  return pattern[place...].allSatisfy { $0 == "*" }
}
