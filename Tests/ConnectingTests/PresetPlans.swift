import Connecting
import FoundationEssentials
import Plans
import Values

/// The plan of a connector to the shop, as the compiler makes it of `pipelines/jushuitan/platform.yaml`.
///
/// The preset's signature is read from the file itself.
func shopPlan(baseURL: String, signature: String) -> ConnectorPlan {
  ConnectorPlan(
    name: "shop", platform: "jushuitan",
    parameters: [
      ParameterPlan(name: "baseURL", value: .string(baseURL), isSecret: false),
      ParameterPlan(name: "app_key", value: "sandbox-shop", isSecret: false),
      ParameterPlan(name: "app_secret", value: #"${ secret("env:SHOP_SECRET") }"#, isSecret: true),
      ParameterPlan(name: "access_token", value: #"${ secret("env:SHOP_TOKEN") }"#, isSecret: true),
    ],
    baseURL: "${ connector.baseURL }",
    request: RequestPlan(
      form: [
        "app_key": "${ connector.app_key }", "access_token": "${ connector.access_token }",
        "timestamp": "${ string(int(now)) }", "charset": "utf-8", "version": "2", "biz": "${ request.body }",
      ], encoding: .form),
    signing: [SigningStep(set: "form.sign", to: signature)], authentication: .none,
    response: ResponsePlan(success: "${ response.body.code == 0 }", message: "${ response.body.msg }"),
    connectTimeoutMilliseconds: 5_000, timeoutMilliseconds: 10_000, maximumResponseBytes: 8 << 20, tls: nil, proxy: nil)
}

let shopEnvironment = ["SHOP_SECRET": "sandbox-shop-secret", "SHOP_TOKEN": "sandbox-shop-token"]

/// The query of orders, as the compiler makes it of `pipelines/jushuitan/orders-query.yaml`.
let ordersQuery = APIPlan.query(
  method: "POST", path: "/open/orders/single/query",
  body: [
    "page_index": "${ page.number }", "page_size": "${ page.size }",
    "modified_begin": #"${ window.from.format("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai") }"#,
    "modified_end": #"${ window.to.format("yyyy-MM-dd HH:mm:ss", "Asia/Shanghai") }"#, "status": "${ with.status }",
  ],
  records: "${ response.body.data.orders }", key: "${ record.so_id }", number: "${ record.so_id }",
  paging: PagingPlan(kind: .page, start: 1, size: 50, more: "${ response.body.data.has_next }", next: nil))

/// The signature of the Jushuitan preset, as it stands in its file.
func jushuitanSignature() throws -> String {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let text = try String(contentsOf: root.appending(path: "pipelines/jushuitan/platform.yaml"), encoding: .utf8)
  let lines = text.split(separator: "\n").map { line in String(line.drop { $0 == " " }) }
  // A folded text of YAML: each line break is a space.
  return lines.drop { $0 != "to: >-" }.dropFirst().prefix { $0 != "response:" }.joined(separator: " ")
}

/// The plan of a connector to the stand-in ERP.
func erpPlan(baseURL: String) -> ConnectorPlan {
  .plain(
    baseURL,
    parameters: [
      ParameterPlan(name: "appKey", value: "sandbox-erp", isSecret: false),
      ParameterPlan(name: "appSecret", value: #"${ secret("env:ERP_SECRET") }"#, isSecret: true),
    ],
    authentication: .token(
      TokenPlan(
        method: "POST", path: "/auth/token",
        body: ["appKey": "${ connector.appKey }", "appSecret": "${ connector.appSecret }"],
        success: #"${ response.body.code == "00000" }"#, token: "${ response.body.data.access_token }",
        expiresIn: "${ response.body.data.expire }", lifetimeMilliseconds: 3_600_000,
        headers: ["Authorization": "Bearer ${ token }"], query: [:])),
    response: ResponsePlan(
      success: #"${ response.status == 200 && response.body.code == "200" }"#, message: "${ response.body.message }"))
}

let erpEnvironment = ["ERP_SECRET": "sandbox-erp-secret"]

/// The batch write of the stand-in ERP.
let ordersSave = APIPlan.write(
  path: "/api/orders/batch", body: ["data": "${ items }"],
  writing: WritingPlan(
    maximumItems: 100,
    item: [
      "_status": #"${ delivered == null ? "Insert" : "Update" }"#, "resubmitCheckKey": "${ idempotencyKey }",
      "order": "${ document }",
    ], honoursIdempotencyKey: true, results: "${ response.body.data.infos + response.body.data.messages }",
    index: "${ result.index }", success: "${ !has(result.errcode) }", id: "${ result.id }",
    message: "${ result.message }", exists: #"${ has(result.errcode) && result.errcode == "1001" }"#))
