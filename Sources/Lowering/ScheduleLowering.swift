import Declarations
import Plans
import Values
import YAMLSyntax

/// The trigger of a source: the name of a hub, or a map with one.
func lowerTrigger(_ after: YAMLNode?) -> TriggerPlan? {
  guard let after, let hub = after.scalar?.text ?? after.text("hub") else { return nil }
  return TriggerPlan(hub: hub, on: after.text("on").flatMap { TriggerPlan.Condition(rawValue: $0) } ?? .success)
}

/// The scheduling of a hub; nil where nothing is said.
func lowerScheduling(_ scheduling: YAMLNode?) -> SchedulingPlan? {
  guard let scheduling else { return nil }
  let plan = SchedulingPlan(
    misfire: scheduling.text("misfire").flatMap { MisfirePolicy(rawValue: $0) },
    catchUpMilliseconds: scheduling.duration("catchUp")?.milliseconds,
    overlap: scheduling.text("overlap").flatMap { OverlapPolicy(rawValue: $0) })
  return plan == SchedulingPlan() ? nil : plan
}
