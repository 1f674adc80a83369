import Glibc
import Testing

@testable import ServiceRuntime

@Suite("Watching a folder", .timeLimit(.minutes(1)))
struct FolderWatchTests {
  private func withFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/watch-XXXXXX".utf8CString)
    let made = mkdtemp(&template)
    try #require(made != nil)
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try await body(folder)
    rmdir(folder)
  }

  private func write(_ path: String) throws {
    let file = try #require(fopen(path, "a"))
    fputs("x", file)
    fclose(file)
  }

  @Test("a file that is written is told by its name, each time anew")
  func written() async throws {
    try await withFolder { folder in
      let (names, told) = AsyncStream.makeStream(of: String.self)
      let watch = FolderWatch(folder: folder) { told.yield($0) }
      try #require(watch != nil)
      var seen = names.makeAsyncIterator()
      for name in ["one", "two", "one"] {
        try write("\(folder)/\(name)")
        // A file that is made and written may be told twice.
        var told = await seen.next()
        while let other = told, other != name { told = await seen.next() }
        #expect(told == name)
      }
      withExtendedLifetime(watch) {}
      for name in ["one", "two"] { unlink("\(folder)/\(name)") }
    }
  }

  @Test("a folder that is not there is not watched")
  func missing() {
    #expect(FolderWatch(folder: "/nowhere/at/all") { _ in } == nil)
  }
}
