/// `datahub init`: a small project that validates and whose tests pass.
struct InitCommand: Command {
  static let form = CommandForm(
    name: "init", summary: "Write a small project to start from: it validates, and its hub test passes.",
    arguments: [.optional("FOLDER", "Where; the project's folder where none is given.")],
    options: [.flag("force", "Replace files that are there.")],
    examples: [.init("datahub init integrations", "A project in the folder 'integrations'.")])

  private let folder: String?
  private let isForced: Bool

  init(_ arguments: Arguments) {
    folder = arguments.argument("FOLDER")
    isForced = arguments.flag("force")
  }

  func run(_ context: CommandContext) async throws -> ExitCode {
    let shown = folder ?? (context.shownProject.isEmpty ? "." : context.shownProject)
    let place = context.surroundings.absolute(shown)
    let files = InitCommand.files
    let there = files.map(\.path).filter { FileAccess.exists("\(place)/\($0)") }
    guard isForced || there.isEmpty else {
      throw CommandFailure(
        .findings, "already there: \(there.joined(separator: ", "))", help: "name another folder, or add --force")
    }
    do throws(FileProblem) {
      for file in files {
        let path = "\(place)/\(file.path)"
        if let slash = path.lastIndex(of: "/") { try FileAccess.makeFolder(String(path[..<slash])) }
        try FileAccess.write(Array(file.text.utf8), to: path)
      }
    } catch {
      throw CommandFailure(.findings, "the project cannot be written: \(error)")
    }
    for file in files { context.console.line(shown == "." ? file.path : "\(shown)/\(file.path)") }
    context.console.note("next: datahub -C \(shown) validate, then datahub -C \(shown) test")
    return .done
  }

  /// The files of the project.
  static let files: [(path: String, text: String)] = [
    (
      "datahub.yaml",
      """
      # The project: whose records these are, and where each environment keeps them.
      apiVersion: datahub/v1
      kind: Project
      metadata: { name: integrations }
      spec:
        tenant: my-company
        timeZone: Asia/Shanghai
        environments:
          development: { store: "sqlite:.datahub/development" }
          production: { store: "sqlite:.datahub/production" }

      """
    ),
    (
      "platforms/shop.yaml",
      """
      # How a kind of software is spoken to, and the calls that hubs use of it.
      apiVersion: datahub/v1
      kind: Platform
      metadata: { name: shop }
      spec:
        parameters:
          baseURL: { required: true, description: Where the shop answers }
          token: { required: true, secret: true }
        baseURL: ${ connector.baseURL }
        request:
          headers: { Authorization: "Bearer ${ connector.token }" }
      ---
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: shop/orders }
      spec:
        platform: shop
        effect: query
        request: { method: GET, path: /orders, query: { page: "${ page.number }", since: "${ window.from }" } }
        records: ${ response.body.orders }
        record: { key: "${ record.id }" }
        window: { maximum: 7d }
        paging: { kind: page, size: 100, more: "${ response.body.more }" }

      """
    ),
    (
      "platforms/erp.yaml",
      """
      apiVersion: datahub/v1
      kind: Platform
      metadata: { name: erp }
      spec:
        parameters:
          baseURL: { required: true, description: Where the ERP answers }
          password: { required: true, secret: true }
        baseURL: ${ connector.baseURL }
        authentication: { kind: basic, username: datahub, password: "${ connector.password }" }
      ---
      # A record is written under its own number: writing it twice is the same as once.
      apiVersion: datahub/v1
      kind: StandardAPI
      metadata: { name: erp/save-order }
      spec:
        platform: erp
        effect: execute
        request: { method: PUT, path: "/orders/${ document.code }", body: "${ document }" }

      """
    ),
    (
      "connectors.yaml",
      """
      # The accounts. Secrets are references: they are read where datahub runs, and stand in no file.
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: shop }
      spec:
        platform: shop
        parameters: { token: '${ secret("env:SHOP_TOKEN") }' }
        environments:
          development: { baseURL: "http://127.0.0.1:8081" }
          production: { baseURL: "https://shop.example.com" }
      ---
      apiVersion: datahub/v1
      kind: Connector
      metadata: { name: erp }
      spec:
        platform: erp
        parameters: { password: '${ secret("env:ERP_PASSWORD") }' }
        environments:
          development: { baseURL: "http://127.0.0.1:8082" }
          production: { baseURL: "https://erp.example.com" }

      """
    ),
    (
      "hubs/orders.yaml",
      """
      # One flow: paid orders of the shop become orders in the ERP.
      apiVersion: datahub/v1
      kind: Hub
      metadata: { name: orders, title: Shop orders to the ERP }
      spec:
        source:
          connector: shop
          api: shop/orders
          window: { overlap: 10m, settle: 1m }
        select: ${ record.status == "paid" }
        mapping:
          code: ${ record.id }
          customer: ${ value("customers", record.customer) }
          lines:
            each: ${ record.items }
            as: line
            emit: { item: "${ line.sku }", quantity: "${ line.quantity }", price: "${ decimal(line.price) }" }
        target:
          connector: erp
          api: erp/save-order
          delivery: upsert
      ---
      # What the shop's customers are called in the ERP; an order of another one waits until it is here.
      apiVersion: datahub/v1
      kind: ValueMapping
      metadata: { name: customers }
      spec:
        entries: { "1001": C001, "1002": C002 }

      """
    ),
    (
      "tests/orders.yaml",
      """
      apiVersion: datahub/v1
      kind: HubTest
      metadata: { name: orders }
      spec:
        hub: orders
        records:
          - { id: A1, status: paid, customer: 1001, items: [{ sku: tea, quantity: 2, price: "12.30" }] }
          - { id: A2, status: open, customer: 1002, items: [] }
          - { id: A3, status: paid, customer: 1002, items: [] }
        expect:
          requests:
            - method: PUT
              path: /orders/A1
              body: { code: A1, customer: C001, lines: [{ item: tea, quantity: 2, price: 12.30 }] }
            - method: PUT
              path: /orders/A3
              body: { code: A3, customer: C002, lines: [] }
          filtered: [A2]

      """
    ),
    (".gitignore", ".datahub/\n"),
    (
      "README.md",
      """
      # Integrations

      ```sh
      datahub validate          # every finding at once
      datahub test --coverage   # the hub tests, offline
      datahub apply             # deploy to the development environment
      datahub run orders        # move what is new, now
      datahub status            # how it stands
      ```

      """
    ),
  ]
}
