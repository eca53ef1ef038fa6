/// An error as the provider reports it: the body of an HTTP error, or the data of an `error` event in a stream.
struct AnthropicErrorBody: Sendable, Hashable {
    /// E.g. `overloaded_error`; empty when the body is not the API's (e.g. a gateway's HTML page).
    let type: String
    /// `details.error_code`, the only finer distinction that is documented.
    let code: String?
    /// The provider's text; empty when the body has none.
    let message: String
    let requestID: String?

    /// Reads any JSON; members that are missing are empty or nil.
    init(_ body: JSONValue?) {
        let error = body?["error"]
        type = error?["type"]?.string ?? ""
        code = error?["details"]?["error_code"]?.string
        message = error?["message"]?.string ?? error?.string ?? ""
        requestID = body?["request_id"]?.string
    }

    /// Reads a body of any kind, JSON or not.
    init(bytes: [UInt8]) { self.init(try? JSONValue(lenient: bytes)) }

    /// Whether the account has reached a spend limit, so that a retry cannot succeed before an administrator raises it.
    var isSpendLimit: Bool {
        if type == "billing_error" { return true }
        if let code, ["enforced_spend_limit_reached", "contract_spend_limit_reached"].contains(code) { return true }
        // The limit that an organisation sets itself has no code; its text is documented (Anthropic, "Rate limits").
        return message.hasPrefix("You have reached your specified") && message.contains("usage limits")
    }

    /// Whether the request was too long for the API or the model. Only one of the cases has a code; the other texts are
    /// the API's messages.
    var isTooLong: Bool {
        type == "request_too_large" || code == "request_body_too_large_after_decoding"
            || message.contains("prompt is too long") || message.contains("exceed context limit")
    }
}
