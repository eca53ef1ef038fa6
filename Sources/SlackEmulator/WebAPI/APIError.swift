import Bridge

/// A refused call: `{"ok": false, "error": code}`, with HTTP 200 except for rate limits, outages and response URLs.
struct APIError: Error, Sendable, Hashable {
    let code: String
    /// `response_metadata.messages`.
    var messages: [String] = []
    /// The scope that is missing, for `missing_scope`.
    var needed: String?
    /// The HTTP status.
    var status = 200
    /// `Retry-After` in seconds.
    var retryAfter: Int?

    init(_ code: String, messages: [String] = [], needed: String? = nil, status: Int = 200, retryAfter: Int? = nil) {
        self.code = code
        self.messages = messages
        self.needed = needed
        self.status = status
        self.retryAfter = retryAfter
    }

    static func missing(_ field: String) -> APIError {
        APIError("invalid_arguments", messages: ["[ERROR] missing required field: \(field)"])
    }

    static func limited(_ seconds: Int) -> APIError { APIError("ratelimited", status: 429, retryAfter: seconds) }

    /// The response body; `provided` are the token's scopes.
    func body(provided: Set<String>) -> JSONValue {
        var body: JSONObject = ["ok": false, "error": .string(code)]
        if let needed {
            body["needed"] = .string(needed)
            body["provided"] = .string(provided.sorted().joined(separator: ","))
        }
        if !messages.isEmpty {
            body["response_metadata"] = ["messages": .array(messages.map { .string($0) })]
        }
        return .object(body)
    }
}
