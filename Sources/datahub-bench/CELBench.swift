import Expressions
import Glibc
import Values

/// How fast expressions are, ours beside the Rust implementation's behind PyPI's `common-expression-language`.
///
/// Both evaluate the same expressions over the same order, in one run, in turn. Theirs is measured the fastest way its
/// documentation gives: a program compiled once, a context made once and used again. What its Python binding costs is in
/// its figures; the expression `1` shows how much that is, and one row leaves it out.
enum CELBench {
  private static let rounds = 3
  private static let secondsEach = 0.15

  private static let expressions: [(name: String, source: String)] = [
    ("a field of a field", "record.receiver.name"),
    ("exact amounts", "record.pay_amount * 1.13 + record.freight"),
    ("whole numbers", "record.o_id * 3 % 1000 + 7 > 500"),
    ("a condition", #"record.status == "Confirmed" && record.pay_amount > 100.0 && !record.is_split"#),
    ("a choice", #"record.order_type == "普通订单" ? "XSCKD01" : "XSCKD07""#),
    ("texts put together", #"record.shop_site + "-" + string(record.shop_id)"#),
    ("texts looked into", #"record.warehouse.startsWith("W") && record.logistics.no.contains("SF10")"#),
    ("a regular expression", #"record.receiver.mobile.matches("^1[0-9]{2}[0-9*]{4}[0-9]{4}$")"#),
    ("a field of each line", "record.items.map(i, i.sku_id)"),
    ("lines filtered and mapped", "record.items.filter(i, i.qty > 1).map(i, i.amount)"),
    ("lines searched", "record.items.exists(i, i.qty > 5) || record.items.all(i, i.price > 0.0)"),
    (
      "a document",
      #"{"number": record.so_id, "shop": record.shop_site, "note": record.buyer_message, "#
        + #""lines": record.items.map(i, {"item": i.sku_id, "quantity": i.qty, "price": i.price})}"#
    ),
    ("presence and size", #"has(record.remark) && size(record.items) >= 3 && "预售" in record.labels"#),
  ]

  static func run() throws -> [Measurement] {
    let order = Samples.kilobyteOrder(4711)
    let folder = try TemporaryFolder()
    let sources = Value.list(expressions.map { .string($0.source) } + ["1"])
    try folder.write(
      Value.map(
        ValueMap([("record", try Value(json: order)), ("sources", sources), ("seconds", .double(secondsEach))])
      )
      .json(), to: "job.json")
    try folder.write(script, to: "bench.py")
    var ours = Figures(count: expressions.count)
    var theirs = Figures(count: expressions.count + 1)
    for _ in 0..<rounds {
      ours.takeBetter(of: try measureOurs(order))
      theirs.takeBetter(of: try measureTheirs(folder.path))
    }
    return rows(ours, theirs)
  }

  /// Nanoseconds for each expression, evaluated and compiled before that.
  private struct Figures {
    var evaluated: [Double]
    var compiled: [Double]

    init(count: Int) {
      evaluated = Array(repeating: .infinity, count: count)
      compiled = evaluated
    }

    mutating func takeBetter(of other: Figures) {
      for place in evaluated.indices {
        evaluated[place] = min(evaluated[place], other.evaluated[place])
        compiled[place] = min(compiled[place], other.compiled[place])
      }
    }
  }

  // MARK: - Ours

  private static func measureOurs(_ order: String) throws -> Figures {
    let environment = ExpressionEnvironment(variables: ["record"])
    var activation = Activation(environment: environment)
    activation.set("record", try Value(json: order))
    var figures = Figures(count: expressions.count)
    for (place, item) in expressions.enumerated() {
      let expression = try Expression(item.source, environment: environment)
      figures.evaluated[place] = try nanoseconds { _ = try expression.evaluate(activation) }
      figures.compiled[place] = try nanoseconds {
        _ = try Expression(item.source, environment: environment).evaluate(activation)
      }
    }
    return figures
  }

  /// How long one run of a body takes, in batches long enough for the clock not to count.
  private static func nanoseconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    var batch = 1
    var best = Double.infinity
    var total = 0.0
    while total < secondsEach {
      let start = clock.now
      for _ in 0..<batch { try body() }
      let elapsed = start.duration(to: clock.now).inSeconds
      total += elapsed
      if elapsed < secondsEach / 20 {
        batch *= 2
      } else {
        best = min(best, elapsed / Double(batch) * 1e9)
      }
    }
    return best
  }

  // MARK: - Theirs

  private static func measureTheirs(_ folder: String) throws -> Figures {
    let python = try BenchTools.python()
    let output = try datahub_bench.run(python, ["\(folder)/bench.py", "\(folder)/job.json"]).output
    let result = try Value(json: output)
    func numbers(_ key: String) throws -> [Double] {
      let numbers = (result[key]?.listValue ?? []).compactMap { value -> Double? in
        if case .decimal(let number) = value { number.double } else { value.intValue.map(Double.init) }
      }
      guard numbers.count == expressions.count + 1 else { throw BenchError("figures are missing in:\n\(output)") }
      return numbers
    }
    var figures = Figures(count: expressions.count + 1)
    figures.evaluated = try numbers("evaluated")
    figures.compiled = try numbers("compiled")
    return figures
  }

  private static let script = """
    import json, sys, time
    import cel

    job = json.load(open(sys.argv[1]))
    context = cel.Context({"record": job["record"]})
    limit = job["seconds"]

    def nanoseconds(body, source):
        batch, best, total = 1, float("inf"), 0.0
        while total < limit:
            numbers = range(batch)
            start = time.perf_counter()
            for _ in numbers:
                body(source)
            elapsed = time.perf_counter() - start
            total += elapsed
            if elapsed < limit / 20:
                batch *= 2
            else:
                best = min(best, elapsed / batch * 1e9)
        return best

    evaluated, compiled = [], []
    for source in job["sources"]:
        execute = cel.compile(source).execute
        evaluated.append(nanoseconds(execute, context))
        compiled.append(nanoseconds(lambda text: cel.compile(text).execute(context), source))
    json.dump({"evaluated": evaluated, "compiled": compiled}, sys.stdout)
    """

  // MARK: - The table

  private static func rows(_ ours: Figures, _ theirs: Figures) -> [Measurement] {
    func row(_ name: String, _ figure: Double, _ wanted: Double?) -> Measurement {
      Measurement(name: "CEL, " + name, value: figure, unit: "ns", wanted: wanted, lessIsBetter: true)
    }
    let count = expressions.count
    let binding = theirs.evaluated[count]
    var rows = expressions.enumerated().map { row($1.name, ours.evaluated[$0], theirs.evaluated[$0]) }
    rows.append(row("evaluated, geometric mean", mean(ours.evaluated), mean(Array(theirs.evaluated[..<count]))))
    rows.append(
      row(
        "the same, without what '1' takes there", mean(ours.evaluated),
        mean(theirs.evaluated[..<count].map { max($0 - binding, 1) })))
    rows.append(
      row("compiled and evaluated, geometric mean", mean(ours.compiled), mean(Array(theirs.compiled[..<count]))))
    rows.append(row("'1' evaluated there, which is its binding", binding, nil))
    return rows
  }

  /// The geometric mean.
  private static func mean(_ figures: [Double]) -> Double {
    exp(figures.reduce(0) { $0 + log($1) } / Double(figures.count))
  }
}
