let seconds = 2.0
print("order bytes", Samples.kilobyteOrder(7).utf8.count, Samples.demoPage.count / 50)
for result in try JSONBench.run(seconds: seconds) { print(result.name, result.perSecond, result.unit) }
for result in try await StoreBench.run(records: 50_000) { print(result.name, Int(result.perSecond), result.unit) }
