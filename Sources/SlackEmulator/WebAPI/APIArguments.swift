import Bridge

/// The arguments of a call, from a form (all values are strings, structures are JSON text) or from JSON.
struct APIArguments: Sendable {
    private let values: JSONObject

    init(form: [(String, String)]) {
        values = JSONObject(form.map { ($0, JSONValue.string($1)) }, uniquingKeysWith: { $1 })
    }

    init(json: JSONObject) {
        // An explicit null stands for the default (docs.slack.dev, Web API).
        values = json.filter { !$0.value.isNull }
    }

    /// The arguments without the token, for the traffic log.
    var logged: JSONValue { .object(values.filter { $0.key != "token" }) }

    func has(_ name: String) -> Bool { values[name] != nil }

    func string(_ name: String) throws(APIError) -> String? {
        guard let value = values[name] else { return nil }
        guard let text = value.string else {
            throw APIError(
                "invalid_arguments", messages: ["[ERROR] must be a string [json-pointer:/\(name)]"])
        }
        return text
    }

    func required(_ name: String) throws(APIError) -> String {
        guard let text = try string(name), !text.isEmpty else { throw .missing(name) }
        return text
    }

    func bool(_ name: String) throws(APIError) -> Bool? {
        guard let value = values[name] else { return nil }
        if let flag = value.bool { return flag }
        switch value.string?.lowercased() {
        case "true", "1": return true
        case "false", "0", "": return false
        default:
            throw APIError(
                "invalid_arguments", messages: ["[ERROR] must be a boolean [json-pointer:/\(name)]"])
        }
    }

    func int(_ name: String) throws(APIError) -> Int? {
        guard let value = values[name] else { return nil }
        guard let number = value.int ?? value.string.flatMap({ Int($0) }) else {
            throw APIError(
                "invalid_arguments", messages: ["[ERROR] must be an integer [json-pointer:/\(name)]"])
        }
        return number
    }

    /// An object or array: a JSON value in a JSON body, JSON text in a form.
    ///
    /// - Throws: ``APIError`` with `code` for text that is not JSON.
    func structure(_ name: String, else code: String) throws(APIError) -> JSONValue? {
        guard let value = values[name] else { return nil }
        guard let text = value.string else { return value }
        if text.isEmpty { return nil }
        do { return try JSONValue(parsing: text) } catch { throw APIError(code) }
    }
}
