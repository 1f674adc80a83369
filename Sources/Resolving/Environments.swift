import Declarations
public import YAMLSyntax

extension Workspace {
  /// The environments of the project: the three that are always there, and those it declares.
  public var environments: [String] {
    let always = ["development", "test", "production"]
    let declared = project?.spec.child("environments")?.entries?.map(\.keyText) ?? []
    return always + declared.filter { !always.contains($0) }
  }

  /// Whether an environment is a production: it is called so, unless the project says otherwise of it.
  public func isProduction(_ environment: String) -> Bool {
    project?.spec.child("environments", environment)?.flag("production") ?? (environment == "production")
  }

  /// The environment of the connectors that a deployment to an environment uses, and where the project says so.
  public func connectorEnvironment(in environment: String) -> (name: String, mention: YAMLNode?) {
    let mention = project?.spec.child("environments", environment)?.child("connectors")
    return (mention?.scalar?.text ?? environment, mention)
  }

  /// The environment whose parameters one side of a hub uses: the one it pins, else the deployment's.
  public func connectorEnvironment(of side: YAMLNode, in environment: String) -> (name: String, mention: YAMLNode?) {
    if let pin = side.child("environment"), let name = pin.scalar?.text { return (name, pin) }
    return connectorEnvironment(in: environment)
  }
}
