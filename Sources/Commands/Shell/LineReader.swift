import Glibc

/// Reads a file line by line, with no more of it in memory than its longest line.
struct LineReader: ~Copyable {
  /// How long a line may be.
  static let maximumBytes = 64 << 20

  private let descriptor: Int32
  private let name: String
  private var bytes = [UInt8](repeating: 0, count: 1 << 16)
  private var filled = 0
  private var taken = 0
  private var isAtEnd = false
  private var isAtStart = true

  /// Opens a file; without a path it is the standard input.
  init(_ path: String?) throws(CommandFailure) {
    name = path ?? "the input"
    descriptor = path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? dup(STDIN_FILENO)
    guard descriptor >= 0 else {
      throw CommandFailure(.findings, "\(name) cannot be read: \(String(cString: strerror(errno)))")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The next line without its end; nil after the last.
  ///
  /// A byte order mark before the first is left out.
  mutating func next() throws(CommandFailure) -> [UInt8]? {
    let line = try nextLine()
    defer { isAtStart = false }
    guard isAtStart, let line, line.starts(with: [0xEF, 0xBB, 0xBF]) else { return line }
    return Array(line.dropFirst(3))
  }

  private mutating func nextLine() throws(CommandFailure) -> [UInt8]? {
    var searched = taken
    while true {
      if let end = bytes[searched..<filled].firstIndex(of: 0x0A) {
        defer { taken = end + 1 }
        return Array(bytes[taken..<end])
      }
      searched = filled
      if isAtEnd {
        defer { taken = filled }
        return taken < filled ? Array(bytes[taken..<filled]) : nil
      }
      searched -= makeRoom()
      try fill()
    }
  }

  /// Moves the unfinished line to the start, and grows where it fills everything; returns how far it moved.
  private mutating func makeRoom() -> Int {
    let moved = taken
    if moved > 0 {
      bytes.removeFirst(moved)
      bytes += [UInt8](repeating: 0, count: moved)
      filled -= moved
      taken = 0
    }
    if filled == bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count) }
    return moved
  }

  private mutating func fill() throws(CommandFailure) {
    guard filled <= LineReader.maximumBytes else {
      throw CommandFailure(.findings, "a line of \(name) has more than \(LineReader.maximumBytes >> 20) MiB")
    }
    while true {
      let place = filled
      let descriptor = descriptor
      let count = bytes.withUnsafeMutableBytes { buffer in
        read(descriptor, buffer.baseAddress.map { $0 + place }, buffer.count - place)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw CommandFailure(.findings, "\(name) cannot be read: \(String(cString: strerror(errno)))")
      }
      filled += count
      isAtEnd = count == 0
      return
    }
  }
}
