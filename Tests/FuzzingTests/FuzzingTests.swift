import Foundation
import Fuzzing
import Testing

@Suite("Inputs that nobody would write")
struct FuzzingTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  @Test("break no promise of what reads them", arguments: FuzzTarget.allCases, [UInt64(1), 2])
  func sound(target: FuzzTarget, seed: UInt64) throws {
    let corpus = try Corpus.load(target, root: Self.root)
    var mutator = Mutator(corpus: corpus, dictionary: target.dictionary, seed: seed)
    for number in 0..<(target == .project ? 60 : 600) {
      let input = mutator.next()
      #expect(throws: Never.self, "case \(number): \(String(decoding: input, as: UTF8.self).debugDescription)") {
        try target.run(input)
      }
    }
  }

  @Test("the files they are made from break none either", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let corpus = try Corpus.load(target, root: Self.root)
    #expect(corpus.count >= 3)
    for input in corpus { try target.run(input) }
  }

  @Test("are the same for the same seed, and others for another")
  func seeds() throws {
    func inputs(_ seed: UInt64) -> [[UInt8]] {
      var mutator = Mutator(corpus: [Array("a: [1, 2]\n".utf8)], dictionary: ["x"], seed: seed)
      return (0..<50).map { _ in mutator.next() }
    }
    #expect(inputs(7) == inputs(7))
    #expect(inputs(7) != inputs(8))
  }
}
