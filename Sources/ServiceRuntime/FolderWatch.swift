@preconcurrency import Dispatch  // DispatchSource is not marked Sendable on Linux
import Glibc

/// Watches a folder for files that are written or made, with the kernel's help: nothing is polled.
///
/// It sees what processes of this machine do. Of many changes at once it tells one of each name, at most every 20 ms.
public final class FolderWatch: Sendable {
  private let source: any DispatchSourceRead

  /// A watch; nil where the kernel does not watch the folder: it is not there, or there are too many watches.
  ///
  /// - Parameter changed: called with the name of a file that was written; on a queue of the watch's own.
  public init?(folder: String, _ changed: @escaping @Sendable (String) -> Void) {
    let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
    guard descriptor >= 0 else { return nil }
    guard inotify_add_watch(descriptor, folder, UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO)) >= 0 else {
      close(descriptor)
      return nil
    }
    source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor, queue: DispatchQueue(label: "datahub.folder-watch"))
    source.setEventHandler {
      for name in FolderWatch.readNames(descriptor) { changed(name) }
      // A writer at work changes its file thousands of times a second.
      usleep(20_000)
    }
    source.setCancelHandler { close(descriptor) }
    source.resume()
  }

  deinit { source.cancel() }

  /// The names in the events that wait.
  private static func readNames(_ descriptor: Int32) -> Set<String> {
    var names: Set<String> = []
    withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 8) { buffer in
      while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        guard count > 0 else { return }
        var at = 0
        // An event: watch, mask and cookie of four bytes each, the length of the name, the name with zeros behind it.
        while at + 16 <= count {
          let length = Int(buffer.load(fromByteOffset: at + 12, as: UInt32.self))
          guard at + 16 + length <= count else { return }
          let name = buffer[(at + 16)..<(at + 16 + length)].prefix { $0 != 0 }
          names.insert(String(decoding: name, as: UTF8.self))
          at += 16 + length
        }
      }
    }
    return names
  }
}
