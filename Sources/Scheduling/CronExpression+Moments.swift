public import Values

/// When an expression is due in a zone, across changes of its offset.
///
/// The rules are those of Vixie's cron as Debian has it:
/// * An expression with fixed times (neither minute nor hour begins with `*`) means times of day. A time that clocks skip is
///   due once, at the moment after the gap; a time they show twice is due once, the first time.
/// * Any other expression follows the time that goes by: it is due whenever clocks show a minute that fits, so it is not due
///   at times that are skipped, and due twice where an hour comes twice. `0 * * * *` runs each hour, always.
extension CronExpression {
  /// The first moment after another one at which this is due; nil where there is none in the years that can be told.
  public func next(after time: Timestamp, in zone: Zone) -> Timestamp? {
    guard Timestamp.range.contains(time) else { return nil }
    let found = hasFixedTimes ? nextTimeOfDay(after: time, zone) : nextMoment(after: time, zone)
    return found.flatMap { Timestamp.range.contains($0) ? $0 : nil }
  }

  /// The last moment at which this is due, up to a time and that time included.
  public func previous(upTo time: Timestamp, in zone: Zone) -> Timestamp? {
    guard Timestamp.range.contains(time) else { return nil }
    let found = hasFixedTimes ? previousTimeOfDay(upTo: time, zone) : previousMoment(upTo: time, zone)
    return found.flatMap { Timestamp.range.contains($0) ? $0 : nil }
  }

  // MARK: - Times of day

  private func nextTimeOfDay(after time: Timestamp, _ zone: Zone) -> Timestamp? {
    var start = CivilTime(time, offset: zone.offset(at: time))
    // What stands later on the clock is not earlier in time, so the first that lies ahead is the next.
    while let civil = nextCivil(from: start) {
      let moment = zone.moment(ofTimeOfDay: civil)
      if moment > time { return moment }
      start = civil.addingMinutes(1)
    }
    return nil
  }

  private func previousTimeOfDay(upTo time: Timestamp, _ zone: Zone) -> Timestamp? {
    // After clocks went back, times later than the one they show were shown already.
    let day = TimeSpan(seconds: 86_400)
    let offset = max(
      zone.offset(at: time), zone.offset(at: time - day), zone.offset(at: time - TimeSpan(seconds: 3_600)))
    var end = CivilTime(time, offset: offset)
    while let civil = previousCivil(upTo: end) {
      let moment = zone.moment(ofTimeOfDay: civil)
      if moment <= time { return moment }
      end = civil.addingMinutes(-1)
    }
    return nil
  }

  // MARK: - Time that goes by

  /// A change of offset moves clocks by at most about a day.
  private static let margin = TimeSpan(seconds: 26 * 3_600)
  /// Where the next candidate is further away, the time between is not searched for changes.
  private static let far = TimeSpan(seconds: 78 * 3_600)

  private func nextMoment(after time: Timestamp, _ zone: Zone) -> Timestamp? {
    var from = Timestamp(seconds: time.seconds + 1)
    while true {
      let offset = zone.offset(at: from)
      let shown = CivilTime(from, offset: offset)
      guard let civil = nextCivil(from: shown.second > 0 ? shown.addingMinutes(1) : shown) else { return nil }
      let moment = civil.timestamp(offset: offset)
      if moment - from > CronExpression.far {
        from = zone.firstChange(after: from, upTo: from + CronExpression.margin) ?? moment - CronExpression.margin
      } else if let change = zone.firstChange(after: from, upTo: moment) {
        from = change
      } else {
        return moment
      }
    }
  }

  private func previousMoment(upTo time: Timestamp, _ zone: Zone) -> Timestamp? {
    var upTo = Timestamp(seconds: time.seconds)
    while true {
      let offset = zone.offset(at: upTo)
      guard let civil = previousCivil(upTo: CivilTime(upTo, offset: offset)) else { return nil }
      let moment = civil.timestamp(offset: offset)
      if upTo - moment > CronExpression.far {
        let change = zone.lastChange(after: upTo - CronExpression.margin, upTo: upTo)
        upTo = change.map { Timestamp(seconds: $0.seconds - 1) } ?? moment + CronExpression.margin
      } else if let change = zone.lastChange(after: moment, upTo: upTo) {
        upTo = Timestamp(seconds: change.seconds - 1)
      } else {
        return moment
      }
    }
  }
}

extension CivilTime {
  /// The minute so many minutes later.
  fileprivate func addingMinutes(_ count: Int64) -> CivilTime {
    var minute = self
    (minute.second, minute.nanosecond) = (0, 0)
    return CivilTime(minute.timestamp() + TimeSpan(seconds: 60 * count))
  }
}
