/// A text made fit for a message: without secrets, on one line, not longer than so many bytes.
func excerpt(of text: String, limit: Int, without mask: SecretMask) -> String {
  // Secrets go first: what is cut through is not found any more.
  let start = text.utf8.count > limit + mask.longest ? cut(text, limit + mask.longest) : text
  let masked = mask.mask(start)
  var line: [UInt8] = []
  line.reserveCapacity(min(masked.utf8.count, limit))
  for byte in masked.utf8 {
    if byte > 0x20 && byte != 0x7F {
      line.append(byte)
    } else if let last = line.last, last != 0x20 {
      line.append(0x20)
    }
  }
  while line.last == 0x20 { line.removeLast() }
  let whole = String(decoding: line, as: UTF8.self)
  return line.count <= limit && start.utf8.count == text.utf8.count ? whole : cut(whole, limit) + "…"
}

/// A text made fit for keeping: without secrets, not longer than so many bytes.
func kept(_ bytes: [UInt8], limit: Int, without mask: SecretMask) -> String {
  cut(mask.mask(cut(String(decoding: bytes.prefix(limit + mask.longest), as: UTF8.self), limit + mask.longest)), limit)
}

/// The first so many bytes of a text, or a few less, so that no character is cut in two.
private func cut(_ text: String, _ limit: Int) -> String {
  guard text.utf8.count > limit else { return text }
  let bytes = Array(text.utf8.prefix(limit + 1))
  var end = limit
  while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
  return String(decoding: bytes[..<end], as: UTF8.self)
}
