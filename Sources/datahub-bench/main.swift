// `datahub-bench` prints the table of docs/benchmarks.md; names of parts as arguments measure only those.
// `datahub-bench chaos` kills workers and sees whether the store keeps its promises.
// `datahub-bench serve` is the source and the target of the end-to-end part, `queue-...` and
// `chaos-worker` are workers; the bench starts them by itself.

import Glibc

do {
  let arguments = Array(CommandLine.arguments.dropFirst())
  if arguments == ["serve"] {
    try BenchServer.serve()
  } else if arguments.first?.hasPrefix("queue-") == true {
    try await QueueBench.serve(arguments)
  } else if arguments.first == "chaos" {
    try await ChaosBench.run(Array(arguments.dropFirst()))
  } else if arguments.first == "chaos-worker" {
    try await ChaosWorker.serve(arguments)
  } else {
    try await Bench.run(parts: arguments)
  }
} catch {
  report("datahub-bench: \(error)")
  exit(1)
}
