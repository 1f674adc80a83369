// `datahub-fuzz` runs inputs nobody would write against everything that reads: see `Fuzzing`, and `make fuzz`.

import FoundationEssentials
import Fuzzing
import Glibc

do {
  let options = try Options(Array(CommandLine.arguments.dropFirst()))
  if let replay = options.replay {
    let input = Array(try Data(contentsOf: URL(filePath: replay)))
    exit(FuzzRun.replay(input, options.targets[0]) ? 0 : 1)
  }
  try FileManager.default.createDirectory(atPath: options.cases, withIntermediateDirectories: true)
  let seed = options.seed ?? UInt64(time(nil))
  var isSound = true
  for target in options.targets {
    let corpus = try Corpus.load(target, root: options.root)
    let run = FuzzRun(target, folder: options.cases)
    if !run.run(corpus: corpus, seed: seed, seconds: options.seconds) { isSound = false }
  }
  exit(isSound ? 0 : 1)
} catch let problem as Options.Problem {
  print("datahub-fuzz: \(problem)\n\n\(Options.usage)", terminator: "")
  exit(64)
} catch {
  print("datahub-fuzz: \(error)")
  exit(1)
}
