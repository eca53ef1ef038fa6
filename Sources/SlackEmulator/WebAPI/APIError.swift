import Bridge

/// A call that Slack refuses: `{"ok": false, "error": code}`, HTTP 200.
struct APIError: Error, Sendable, Hashable {
    let code: String
    /// `response_metadata.messages`.
    var messages: [String] = []
    /// Of `missing_scope`.
    var needed: String?
    /// HTTP status and Retry-After, for rate limits and outages.
    var status = 200
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
