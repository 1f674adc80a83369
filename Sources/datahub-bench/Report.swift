import Glibc

/// Says something on the error output: what is being measured, or why nothing is.
func report(_ text: String) {
  let line = Array((text + "\n").utf8)
  write(STDERR_FILENO, line, line.count)
}

/// Says a result at once, also where the output is a file that is read while a run of an hour goes on.
func tell(_ text: String) {
  print(text)
  fflush(nil)
}

/// The table of what was measured, as Markdown.
func table(_ measurements: [Measurement]) -> String {
  let rows = measurements.map { measurement in
    let sign = measurement.lessIsBetter ? "at most " : "at least "
    let wanted = measurement.wanted.map { sign + figure($0, measurement.unit) } ?? ""
    let ratio = measurement.ratio.map { decimal($0, digits: 2) } ?? ""
    return "| \(measurement.name) | \(figure(measurement.value, measurement.unit)) | \(wanted) | \(ratio) |"
  }
  return (["| what | measured | wanted | ratio |", "|---|---:|---:|---:|"] + rows).joined(separator: "\n")
}

/// What the figures were measured on.
func machine() -> String {
  let model =
    lines(of: "/proc/cpuinfo").first { $0.hasPrefix("model name") }?
    .split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
  let system =
    lines(of: "/etc/os-release").first { $0.hasPrefix("PRETTY_NAME=") }?
    .split(separator: "\"").last.map(String.init) ?? "Linux"
  return "\(model), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) cores, \(system)"
}

private func lines(of path: String) -> [Substring] {
  guard let file = fopen(path, "r") else { return [] }
  defer { fclose(file) }
  var bytes = [UInt8](repeating: 0, count: 1 << 16)
  let count = fread(&bytes, 1, bytes.count, file)
  return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
}

private func figure(_ value: Double, _ unit: String) -> String {
  let digits = value < 10 ? 2 : value < 100 ? 1 : 0
  return "\(decimal(value, digits: digits)) \(unit)"
}

/// A number with a fixed count of digits after the point and commas between thousands.
private func decimal(_ value: Double, digits: Int) -> String {
  guard value.isFinite else { return "?" }
  let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
  let scaled = Int((value * Double(scale)).rounded())
  var whole = String(scaled / scale)
  var at = whole.count - 3
  while at > 0 {
    whole.insert(",", at: whole.index(whole.startIndex, offsetBy: at))
    at -= 3
  }
  guard digits > 0 else { return whole }
  let rest = String(scaled % scale)
  return whole + "." + String(repeating: "0", count: digits - rest.count) + rest
}
