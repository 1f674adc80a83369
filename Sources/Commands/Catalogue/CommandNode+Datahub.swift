extension CommandNode {
  /// Every command there is.
  static let datahub = CommandNode(
    group: CommandForm(
      name: "datahub",
      summary: "Move business records between systems, as declared in files.",
      options: [.flag("version", "The version.")],
      examples: [
        .init("datahub validate", "Check every file of the project in this folder."),
        .init("datahub apply --yes", "Deploy the project to the development environment."),
        .init("datahub run orders", "Run the hub 'orders' now, from its source to its target."),
      ]),
    [
      CommandNode(InitCommand.self),
      CommandNode(NewCommand.self),
      CommandNode(ValidateCommand.self),
      CommandNode(FmtCommand.self),
      CommandNode(CompileCommand.self),
      CommandNode(ShowCommand.self),
      CommandNode(ExplainCommand.self),
      CommandNode(GraphCommand.self),
      CommandNode(SchemaCommand.self),
      CommandNode(InferCommand.self),
      CommandNode(EvalCommand.self),
      CommandNode(TestCommand.self),
      CommandNode(ApplyCommand.self),
      CommandNode(StatusCommand.self),
      CommandNode(RunCommand.self),
      CommandNode(DispatchCommand.self),
      CommandNode(WorkCommand.self),
      CommandNode(
        group: CommandForm(
          name: "record", summary: "Look at the records that are kept.",
          examples: [.init("datahub record list orders --state failed", "The orders that could not be delivered.")]),
        [CommandNode(RecordListCommand.self), CommandNode(RecordShowCommand.self)]),
      CommandNode(
        group: CommandForm(
          name: "task", summary: "Look at the queue.",
          examples: [.init("datahub task list --hub orders --state retrying", "What waits for another attempt.")]),
        [CommandNode(TaskListCommand.self), CommandNode(TaskShowCommand.self)]),
      CommandNode(
        group: CommandForm(
          name: "store", summary: "Look after where records are kept.",
          examples: [.init("datahub -e production store info", "Where production's records are, and how many.")]),
        [CommandNode(StoreInfoCommand.self), CommandNode(StoreMigrateCommand.self)]),
      CommandNode(
        SandboxCommand.self,
        [
          CommandNode(SandboxReportCommand.self), CommandNode(SandboxChangeCommand.self),
          CommandNode(SandboxFaultsCommand.self),
        ]),
      CommandNode(CompletionCommand.self),
      CommandNode(CompleteCommand.self),
      CommandNode(VersionCommand.self),
      CommandNode(HelpCommand.self),
    ])
}
