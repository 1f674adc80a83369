extension Database {
  /// How a database is opened.
  public struct Configuration: Sendable {
    /// When a commit counts as done.
    public enum Synchronous: String, Sendable {
      /// When it survives a power cut.
      case full
      /// When it survives the end of the process; a power cut may take the latest commits, never the file.
      case normal
    }

    /// When a commit counts as done; `full` unless losing the latest commits is harmless.
    public var synchronous: Synchronous
    /// How long a write waits for other processes before it fails as busy.
    public var busyDeadline: Duration
    /// How many threads read at the same time, at least 1.
    public var readers: Int
    /// How many waiting bodies are committed together at most.
    public var maximumBatch: Int
    /// How many pages the log may have before they are moved into the file.
    public var checkpointPages: Int
    /// The number in the file's header that says whose file it is; a file with another one is refused.
    public var applicationID: Int32
    /// Whether the file must exist and is only read; no gate is taken and nothing is created.
    public var readOnly: Bool

    /// Creates a configuration; what is left out has the safe value.
    public init(
      synchronous: Synchronous = .full, busyDeadline: Duration = .seconds(30), readers: Int = 2,
      maximumBatch: Int = 512, checkpointPages: Int = 1000, applicationID: Int32 = 0, readOnly: Bool = false
    ) {
      self.synchronous = synchronous
      self.busyDeadline = busyDeadline
      self.readers = max(1, readers)
      self.maximumBatch = max(1, maximumBatch)
      self.checkpointPages = max(1, checkpointPages)
      self.applicationID = applicationID
      self.readOnly = readOnly
    }
  }
}
