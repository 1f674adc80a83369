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
          name: "schedule", summary: "Start what is due, and show when things are.",
          examples: [.init("datahub schedule list", "When hubs run next, and what became of the last time.")]),
        [
          CommandNode(ScheduleListCommand.self), CommandNode(ScheduleRunCommand.self),
          CommandNode(ScheduleWorkCommand.self), CommandNode(ScheduleHistoryCommand.self),
          CommandNode(ScheduleNextCommand.self),
        ]),
      CommandNode(UpCommand.self),
      records, tasks, values,
      CommandNode(AuditCommand.self, [CommandNode(AuditListCommand.self), CommandNode(AuditShowCommand.self)]),
      CommandNode(
        group: CommandForm(
          name: "store", summary: "Look after where records are kept.",
          examples: [.init("datahub -e production store info", "Where production's records are, and how many.")]),
        [CommandNode(StoreInfoCommand.self), CommandNode(StoreMigrateCommand.self), CommandNode(StoreCopyCommand.self)]),
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
