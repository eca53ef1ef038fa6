/// The provider's words about an error: an HTTP error's body, or an `error` event in a stream.
struct AnthropicErrorBody: Sendable, Hashable {
    /// `overloaded_error`; empty when the body is not the API's (a gateway's page).
    let type: String
    /// `details.error_code`, the only finer distinction that is promised.
    let code: String?
    let message: String
    let requestID: String?

    init(_ body: JSONValue?) {
        let error = body?["error"]
        type = error?["type"]?.string ?? ""
        code = error?["details"]?["error_code"]?.string
        message = error?["message"]?.string ?? error?.string ?? ""
        requestID = body?["request_id"]?.string
    }

    /// Reads a body of any kind.
    init(bytes: [UInt8]) { self.init(try? JSONValue(parsing: bytes)) }

    /// The account may spend no more until somebody raises its limit: waiting does not help.
    var isSpendLimit: Bool {
        if type == "billing_error" { return true }
        if let code, ["enforced_spend_limit_reached", "contract_spend_limit_reached"].contains(code) { return true }
        // The organisation's own limit has no code; its text is documented instead (Anthropic, "Rate limits").
        return message.hasPrefix("You have reached your specified") && message.contains("usage limits")
    }

    /// No code tells it either.
    var isTooLong: Bool {
        type == "request_too_large" || code == "request_body_too_large_after_decoding"
            || message.contains("prompt is too long") || message.contains("exceed context limit")
    }
}
