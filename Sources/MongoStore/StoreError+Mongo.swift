import Keeping
import MongoKit

/// Turns what a call threw into what the callers of a store are promised; the only place that knows both.
func storeError(_ error: any Error, _ hosts: String) -> any Error {
  if let error = error as? BSONError { return StoreError.damaged("\(error)") }
  guard let error = error as? MongoError else { return error }
  let outcome =
    error.isOutcomeUnknown
    ? "; whether the last change was kept is not known: it is looked at before anything is done again" : ""
  switch error.kind {
  case .address: return StoreError(.badAddress, error.description)
  case .closed: return StoreError(.unavailable, error.description)
  case .unreachable:
    return StoreError(
      .unavailable,
      "the store at \(hosts) cannot be reached: \(error); check that it runs and can be reached from here\(outcome)")
  case .unauthorized:
    return StoreError(
      .unavailable,
      "the store at \(hosts) does not let us in: \(error); check user and password, and that the user has the role "
        + "readWrite on the tenant's database")
  case .duplicateKey: return StoreError.damaged("\(error)")
  case .form: return StoreError(.unavailable, "the store at \(hosts) cannot take this: \(error)")
  case .refused:
    if error.code == 112 {
      return StoreError(
        .unavailable, "the store at \(hosts) is busy with the same records; nothing was changed: try again")
    }
    if error.code == 13297 {
      return StoreError(
        .otherTenant, "there is a tenant at \(hosts) whose name differs in upper and lower case only: use another name")
    }
    return StoreError(.unavailable, "the store at \(hosts) refused a command (\(error.code)): \(error)")
  }
}

extension StoreError {
  static func leaseLost(_ lease: TaskLease) -> StoreError {
    StoreError(.leaseLost, "task \(lease.task) is no longer leased to \(lease.owner) (epoch \(lease.epoch))")
  }

  static func damaged(_ what: String) -> StoreError {
    StoreError(.damaged, "the store holds something that cannot be: \(what)")
  }
}
