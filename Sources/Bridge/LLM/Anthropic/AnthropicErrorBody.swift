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

    /// The tool or the image for which the whole request was refused. The API names a tool by its index
    /// (`tools.3.custom.input_schema: …`); servers with a compatible API also by its name.
    ///
    /// - Parameter tools: the names of the request's tools, in its order.
    func refusedPart(among tools: [String]) -> RefusedPart? {
        // A cache breakpoint is this program's own, whatever tool it is at.
        guard !isSpendLimit, !isTooLong, !message.contains("cache_control") else { return nil }
        if let match = message.firstMatch(of: #/\btools(?:\.|\[)(\d{1,6})\b/#), let index = Int(match.1),
            tools.indices.contains(index)
        {
            return .tool(tools[index])
        }
        for match in message.matches(of: #/(?:[Tt]ool|[Ff]unction) ?:? ?[`'"]([A-Za-z0-9_-]{1,64})[`'"]/#) {
            if tools.contains(String(match.1)) { return .tool(String(match.1)) }
        }
        return message.lowercased().contains("image") ? .image : nil
    }

    /// Whether the request was too long for the API or the model. Only one of the cases has a code; the other texts are
    /// the API's messages.
    var isTooLong: Bool {
        type == "request_too_large" || code == "request_body_too_large_after_decoding"
            || message.contains("prompt is too long") || message.contains("exceed context limit")
    }
}
