/// Functions as other languages and tools call them, lower case, and what is written here instead.
///
/// The names are those of SQL, spreadsheets, JavaScript, Python, jq, JSONata and Jinja that people try first.
enum ForeignNames {
  /// What to write instead of a function that is not there; nil where its name is nobody's.
  static func help(for name: String) -> String? {
    byName[name.lowercased()].map { "write \($0)" }
  }

  private static let byName: [String: String] = {
    var all: [String: String] = [:]
    for (names, instead) in groups {
      for name in names { all[name] = instead }
    }
    return all
  }()

  private static let groups: [([String], String)] = [
    (["upper", "uppercase", "toupper", "touppercase", "ucase"], "text.upperAscii()"),
    (["lower", "lowercase", "tolower", "tolowercase", "lcase"], "text.lowerAscii()"),
    (["len", "length", "count", "strlen"], "size(x)"),
    (["str", "tostring", "text", "to_char"], "string(x)"),
    (["number", "tonumber", "float", "numeric", "parsefloat"], "decimal(x), or double(x) for a floating point number"),
    (["integer", "toint", "parseint"], "int(x)"),
    (["strip", "ltrim", "rtrim"], "text.trim()"),
    (["lpad", "padleft", "rjust", "zfill"], "text.padStart(width, \"0\")"),
    (["rpad", "padright", "ljust"], "text.padEnd(width, \" \")"),
    (["substr", "substringof", "mid"], "text.substring(from, to)"),
    (["left"], "text.substring(0, n)"),
    (["concat", "concatenate", "append"], "a + b, or [a, b].join()"),
    (["if", "iif", "ifelse", "when"], "condition ? a : b"),
    (["isnull", "is_null", "isempty", "isblank"], "x == null, or has(record.field) for a field that may not be there"),
    (
      ["coalesce", "ifnull", "nvl", "default"],
      "record.?field.orValue(other), or x != null ? x : other where null is sent"
    ),
    (["includes"], "x in list, or text.contains(part)"),
    (["any", "some"], "list.exists(item, condition)"),
    (["every"], "list.all(item, condition)"),
    (["where", "select"], "list.filter(item, condition)"),
    (["foreach", "each", "collect"], "list.map(item, result)"),
    (["find_first", "findfirst"], "list.filter(item, condition).first()"),
    (["uniq", "unique"], "list.distinct()"),
    (["abs", "ceil", "floor", "trunc", "sqrt", "sign"], "it with math. before it, as math.abs(x)"),
    (["greatest", "least"], "it with math. before it, as math.greatest(a, b)"),
    (["parsedate", "todate", "to_date", "strptime", "date", "datetime"], "timestamp(text, pattern, zone)"),
    (["formatdate", "strftime", "date_format"], "time.format(pattern, zone)"),
    (["tojson", "json_encode", "stringify"], "json(x)"),
    (["fromjson", "json_decode", "json_parse"], "parseJson(text)"),
    (["urlencode", "encodeuricomponent", "url_encode"], "urlEncode(text)"),
    (["base64encode", "b64encode", "btoa"], "base64.encode(x)"),
    (["base64decode", "b64decode", "atob"], "base64.decode(text)"),
    (["lookup", "translate", "map_value"], "value(\"NAME\", code) for a value mapping, find(hub, {...}) for a record"),
  ]
}
