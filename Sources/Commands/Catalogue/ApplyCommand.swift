import Deploying
import Plans
import ServiceRuntime

/// `datahub apply`: deploys a plan as the next generation.
struct ApplyCommand: Command {
  static let form = CommandForm(
    name: "apply", summary: "Deploy the project, or a saved plan, to an environment.",
    discussion:
      "Shows what changes about what is deployed and asks before it does anything. Where nobody can be asked, --yes must be "
      + "given. Ends with 3 where another plan was deployed meanwhile.",
    arguments: [.optional("FILE", "A plan written by 'datahub compile -o FILE'; without it the project is compiled.")],
    options: [
      .flag("yes", short: "y", "Deploy without asking."), .value("reason", "TEXT", "Why; the audit log keeps it."),
    ],
    examples: [
      .init("datahub apply", "Show the changes for development, and deploy them after a yes."),
      .init("datahub apply plan.json --yes", "Deploy a plan that was reviewed."),
    ])

  private let path: String?
  private let isConfirmed: Bool
  private let reason: String?

  init(_ arguments: Arguments) {
    path = arguments.argument("FILE")
    isConfirmed = arguments.flag("yes")
    reason = arguments.value("reason")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let (plan, place) = try plan(context)
    return try await OpenStore.with(place, makes: true) { open in
      let deployer = Deployer(open.store)
      let proposal = try await deployer.propose(plan)
      let view = ApplyView(plan: plan, difference: proposal.difference, console: context.console)
      if let current = proposal.current, proposal.changesNothing {
        try await deployer.keepLookups(of: plan)
        try view.showNothingToDo(generation: current)
        return .done
      }
      view.showChanges()
      guard try isAllowed(context.console, plan) else { return .findings }
      let generation = try await deployer.apply(proposal, by: currentUser(), reason: reason, at: currentTime())
      try view.showDone(generation: generation)
      return .done
    }
  }

  private func isAllowed(_ console: Console, _ plan: ExecutionPlan) throws -> Bool {
    if isConfirmed { return true }
    guard console.canAsk else {
      throw CommandFailure(
        .usage, "nothing was deployed: nobody can be asked here",
        help: "look at the changes above, then run the same with --yes")
    }
    if console.confirm("Deploy to '\(plan.environment)'?") { return true }
    console.note("nothing was deployed")
    return false
  }

  private func plan(_ context: CommandContext) throws -> (ExecutionPlan, ProjectPlace) {
    guard let path else {
      let result = try Compiler(context: context).compile()
      return (result.plan, try ProjectPlace(result.workspace, context))
    }
    let bytes: [UInt8]
    do throws(FileProblem) {
      bytes = try FileAccess.read(context.surroundings.absolute(path), limit: 256 << 20)
    } catch {
      throw CommandFailure(.findings, "the plan cannot be read: \(error)")
    }
    let plan = try ExecutionPlan(bytes: bytes)
    guard plan.environment == context.globals.environment else {
      throw CommandFailure(
        .usage, "'\(path)' is a plan for '\(plan.environment)', not for '\(context.globals.environment)'",
        help: "write -e \(plan.environment)")
    }
    let place = try ProjectPlace.find(context)
    guard plan.tenant == place.tenant else {
      throw CommandFailure(
        .usage, "'\(path)' is a plan for tenant '\(plan.tenant)'; this project is of tenant '\(place.tenant)'",
        help: "name the project's folder with -C")
    }
    return (plan, place)
  }
}
