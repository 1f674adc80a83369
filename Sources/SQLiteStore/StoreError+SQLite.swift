import Keeping
import SQLiteKit

/// Turns what a transaction threw into what the callers of a store are promised; the only place that knows both.
func storeError(_ error: any Error) -> any Error {
  guard let error = error as? SQLiteError else { return error }
  if error.isCorrupt {
    return StoreError(
      .damaged, "the store's file is damaged: \(error.message); stop all workers and put a backup in its place")
  }
  if error.isConstraint {
    return StoreError(.damaged, "the store holds something that cannot be: \(error)")
  }
  let advice =
    if error.isFull {
      "free space on the store's disk; nothing was changed"
    } else if error.isBusy {
      "try again, or stop the process that holds it; nothing was changed"
    } else if error.isIOError {
      "check the disk, then start anew: whether the last changes were kept is seen when the store is opened again"
    } else {
      "check the store's folder and start anew"
    }
  return StoreError(.unavailable, "the store cannot be used: \(error.message); \(advice)")
}

extension StoreError {
  static func leaseLost(_ lease: TaskLease) -> StoreError {
    StoreError(.leaseLost, "task \(lease.task) is no longer leased to \(lease.owner) (epoch \(lease.epoch))")
  }

  static func damaged(_ what: String) -> StoreError {
    StoreError(.damaged, "the store holds something that cannot be: \(what)")
  }
}
