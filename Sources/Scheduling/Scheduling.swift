// Module Scheduling.
//
// Cron expressions: what they say, and at which moments they are due in a time zone. The compiler checks files with it and
// the scheduler runs by it. It has no clock: every moment comes from the caller.
//
//     let cron = try CronExpression("0 */2 * * mon-fri")
//     let next = cron.next(after: now, in: zone)
//
// Read next: `CronExpression` (what is accepted), `CronExpression+Moments` (daylight saving time).
