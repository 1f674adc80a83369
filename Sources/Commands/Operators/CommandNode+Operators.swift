extension CommandNode {
  /// What there is to do with the records that are kept.
  static let records = CommandNode(
    group: CommandForm(
      name: "record", summary: "Look at the records that are kept, send, hold, remove and export them.",
      examples: [
        .init("datahub record list orders --state failed", "The orders that could not be delivered."),
        .init("datahub record retry orders --error rejected", "Send again what the target refused."),
      ]),
    [
      CommandNode(RecordListCommand.self), CommandNode(RecordShowCommand.self), CommandNode(RecordRetryCommand.self),
      CommandNode(RecordReleaseCommand.self), CommandNode(RecordHoldCommand.self),
      CommandNode(RecordResolveCommand.self),
      CommandNode(RecordPurgeCommand.self), CommandNode(RecordExportCommand.self),
    ])

  /// What there is to do with the queue.
  static let tasks = CommandNode(
    group: CommandForm(
      name: "task", summary: "Look at the queue, and change what is in it.",
      examples: [
        .init("datahub task list --hub orders --state retrying", "What waits for another attempt."),
        .init("datahub task retry --hub orders --dry-run", "What would be run once more."),
      ]),
    [
      CommandNode(TaskListCommand.self), CommandNode(TaskShowCommand.self), CommandNode(TaskEditCommand.self),
      CommandNode(TaskFrontCommand.self), CommandNode(TaskRetryCommand.self), CommandNode(TaskCancelCommand.self),
      CommandNode(TaskResolveCommand.self), CommandNode(TaskPruneCommand.self),
    ])

  /// What there is to do with value mappings at run time.
  static let values = CommandNode(
    group: CommandForm(
      name: "value", summary: "Look at value mappings, and change their entries without deploying.",
      examples: [
        .init("datahub value list customers", "What each code becomes, and where that was set."),
        .init("datahub value set customers 10001 C001", "Set an entry; records that wait for it go on."),
      ]),
    [
      CommandNode(ValueListCommand.self), CommandNode(ValueGetCommand.self), CommandNode(ValueSetCommand.self),
      CommandNode(ValueRemoveCommand.self), CommandNode(ValueImportCommand.self), CommandNode(ValueExportCommand.self),
    ])
}
