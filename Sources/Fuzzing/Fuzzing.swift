// Inputs nobody would write, for everything that reads what users and vendors send.
//
// A `FuzzTarget` takes bytes and throws where what came of them breaks a promise (a span outside of its file, a value that is not
// read back as itself); a crash is the process's own. A `Mutator` makes the next input from a corpus: the project's own files and
// small seeds, with a dictionary and with the structure of lines. The same seed gives the same inputs. `datahub-fuzz` runs both
// against the clock; a test runs some thousand inputs with fixed seeds.
//
//     var mutator = Mutator(corpus: try Corpus.load(.yaml, project: "."), dictionary: FuzzTarget.yaml.dictionary, seed: 1)
//     try FuzzTarget.yaml.run(mutator.next())
