import Glibc

/// Who runs this process: the user's name and the machine's.
func currentUser() -> String {
  let number = getuid()
  let name = getpwuid(number).map { String(cString: $0.pointee.pw_name) } ?? String(number)
  var host = [CChar](repeating: 0, count: 256)
  guard gethostname(&host, host.count - 1) == 0 else { return name }
  let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return "\(name)@\(text)"
}
