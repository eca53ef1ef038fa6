/// A JSON object as text under construction, into which parts can be laid that must stay exactly as they came.
struct RawObject {
    private var body = ""

    mutating func add(_ key: String, _ value: JSONValue) { add(key, raw: value.text()) }

    /// `raw` is one JSON value as text.
    mutating func add(_ key: String, raw: String) {
        if !body.isEmpty { body += "," }
        body += JSONValue.string(key).text() + ":" + raw
    }

    var text: String { "{\(body)}" }
}

extension Sequence where Element == String {
    /// These JSON texts as one JSON array.
    var rawArray: String { "[\(joined(separator: ","))]" }
}
