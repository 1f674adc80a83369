import Glibc
public import Values

/// The time a stand-in goes by, as a function so that tests can move it.
public typealias StandInClock = @Sendable () -> Timestamp

/// The system's time.
@Sendable
public func systemTime() -> Timestamp {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
}
