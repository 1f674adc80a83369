import Glibc

/// Runs a program and reads what it writes to its output.
///
/// - Returns: the output where the program ended well; nil where it is not there, failed, wrote more than `limit` bytes or
///   took longer than `seconds`.
func outputOf(
  _ program: String, _ arguments: [String], environment: [String: String], limit: Int = 1 << 20, seconds: Int = 10
) -> String? {
  var ends: [Int32] = [0, 0]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  defer { close(ends[0]) }
  let child = spawn(program, arguments, environment, output: ends[1])
  close(ends[1])
  guard let child else { return nil }
  let bytes = readAll(ends[0], limit: limit, seconds: seconds)
  if bytes == nil { kill(child, SIGKILL) }
  var status: Int32 = 0
  while waitpid(child, &status, 0) < 0, errno == EINTR {}
  guard let bytes, status == 0 else { return nil }
  return String(validating: bytes, as: UTF8.self)
}

private func spawn(
  _ program: String, _ arguments: [String], _ environment: [String: String], output: Int32
) -> pid_t? {
  var actions = posix_spawn_file_actions_t()
  guard posix_spawn_file_actions_init(&actions) == 0 else { return nil }
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
  var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
  var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for pointer in words + variables { free(pointer) } }
  var child: pid_t = 0
  return posix_spawnp(&child, program, &actions, nil, &words, &variables) == 0 ? child : nil
}

private func readAll(_ descriptor: Int32, limit: Int, seconds: Int) -> [UInt8]? {
  let end = ContinuousClock.now + .seconds(seconds)
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while true {
    let left = ContinuousClock.now.duration(to: end).components
    let milliseconds = left.seconds * 1_000 + left.attoseconds / 1_000_000_000_000_000
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&wait, 1, Int32(clamping: max(milliseconds, 0)))
    if ready < 0, errno == EINTR { continue }
    guard ready > 0 else { return nil }
    let count = read(descriptor, &piece, piece.count)
    if count < 0, errno == EINTR { continue }
    guard count >= 0, bytes.count + count <= limit else { return nil }
    if count == 0 { return bytes }
    bytes += piece[..<count]
  }
}
