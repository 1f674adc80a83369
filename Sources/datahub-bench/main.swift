// `datahub-bench` prints the table of docs/benchmarks.md; names of parts as arguments measure only those.
// `datahub-bench serve` is the source and the target of the end-to-end part; the bench starts it by itself.

import Glibc

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments == ["serve"] {
    try BenchServer.serve()
  } else {
    try await Bench.run(parts: arguments)
  }
} catch {
  report("datahub-bench: \(error)")
  exit(1)
}
