/// Maps failures of the provider to ``BridgeError`` codes, messages and hints. The provider's own text appears only in
/// `cause`.
struct AnthropicErrorMapper {
    let model: String
    /// Removed from every `cause`.
    let apiKey: Secret?
    /// The names of the request's tools, in its order.
    var tools: [String] = []

    /// A response whose status is not 2xx.
    func status(_ status: Int, headers: HTTPClient.Headers, body: AnthropicErrorBody) -> AnthropicFailure {
        let mayRetry =
            RetryPolicy.isRetryable(status, shouldRetry: headers["x-should-retry"]) && !body.isSpendLimit
        let wait = RetryPolicy.wait(milliseconds: headers["retry-after-ms"], retryAfter: headers["retry-after"])
        let cause = cause("HTTP \(status)", body, requestID: headers["request-id"])
        var error = error(kind(status, body), cause: cause, isRetryable: mayRetry)
        if status == 400 || status == 422 { error.refused = body.refusedPart(among: tools) }
        return AnthropicFailure(
            error: error,
            retry: !mayRetry ? .never : wait.map(AnthropicFailure.Retry.after) ?? .backoff,
            isWaitedOut: mayRetry && [429, 502, 503, 504, 529].contains(status))
    }

    /// An `error` event, or a stream that is truncated or malformed.
    func stream(_ fault: AnthropicStreamFault) -> AnthropicFailure {
        switch fault {
        case .truncated: interrupted("the stream ended before message_stop")
        case .malformed: interrupted("an event's data is no JSON")
        case .provider(let body):
            AnthropicFailure(
                error: error(kind(body), cause: cause("error event", body), isRetryable: isTransient(body)),
                retry: isTransient(body) ? .backoff : .never,
                isWaitedOut: [.overloaded, .limited].contains(kind(body)))
        }
    }

    /// The response broke off or was malformed; retried with backoff.
    func interrupted(_ cause: String) -> AnthropicFailure {
        AnthropicFailure(
            error: BridgeError(
                .modelUnavailable, "The answer of \(model) broke off.", hint: "Ask again in a minute.",
                cause: redact(cause), isRetryable: true),
            retry: .backoff)
    }

    /// The task was cancelled, by its caller or at a deadline.
    func cancelled(_ spent: [TokenUsage] = []) -> AnthropicFailure {
        AnthropicFailure(
            error: BridgeError(.cancelled, "The request to the model was cancelled."), retry: .never, spent: spent)
    }

    /// A 2xx response that is no event stream: a login page, or a gateway that does not stream.
    func notAStream(_ contentType: String?) -> AnthropicFailure {
        AnthropicFailure(
            error: BridgeError(
                .modelUnavailable, Self.unusable, hint: Self.later,
                report: "What answers in place of \(model) is no Anthropic API. Check llm.base_url.",
                cause: redact("HTTP 200 with content type \(contentType ?? "none")")),
            retry: .never)
    }

    /// No response head arrived. Not retried when the URL, TLS or the client's shutdown is the cause.
    func transport(_ fault: HTTPClient.Failure) -> AnthropicFailure {
        switch fault.code {
        case .badURL, .closed, .tls, .tooLarge:
            AnthropicFailure(
                error: BridgeError(
                    .modelUnavailable, Self.unusable, hint: Self.later, report: Self.unreachable,
                    cause: redact(fault.message)),
                retry: .never)
        default:
            AnthropicFailure(
                error: BridgeError(
                    .modelUnavailable, "The model provider cannot be reached.", hint: "Ask again in a minute.",
                    report: Self.unreachable, cause: redact(fault.message), isRetryable: true),
                retry: .backoff)
        }
    }

    /// The provider demands a wait that is too long: the failure is not retried, and its hint names the time.
    func tooLongAWait(_ wait: Duration, _ failure: AnthropicFailure) -> AnthropicFailure {
        let minutes = max(1, Int((wait.components.seconds + 59) / 60))
        let time = minutes == 1 ? "a minute" : minutes < 120 ? "\(minutes) minutes" : "\(minutes / 60) hours"
        return AnthropicFailure(
            error: BridgeError(
                failure.error.code, failure.error.message, hint: "Ask again in \(time).", report: failure.error.report,
                cause: failure.error.cause, isRetryable: true),
            retry: .never, spent: failure.spent, hasDeltas: failure.hasDeltas)
    }

    /// What went wrong; each kind has one code, message and hint.
    private enum Kind {
        case overloaded, limited, unavailable, key, permission, spend, tooLong, unknownModel, rejected
    }

    private func kind(_ status: Int, _ body: AnthropicErrorBody) -> Kind {
        if body.isSpendLimit || status == 402 { return .spend }
        if body.isTooLong || status == 413 { return .tooLong }
        return switch status {
        case 401: .key
        case 403: .permission
        case 404: .unknownModel
        case 429: .limited
        case 529: .overloaded
        case 408, 409, 500...: .unavailable
        default: .rejected
        }
    }

    private func kind(_ body: AnthropicErrorBody) -> Kind {
        if body.isSpendLimit { return .spend }
        if body.isTooLong { return .tooLong }
        return switch body.type {
        case "overloaded_error": .overloaded
        case "rate_limit_error": .limited
        case "authentication_error": .key
        case "permission_error": .permission
        case "not_found_error": .unknownModel
        case "invalid_request_error": .rejected
        default: .unavailable
        }
    }

    /// Whether a retry may succeed after this error event. An unknown type counts as `unavailable`, so it may.
    private func isTransient(_ body: AnthropicErrorBody) -> Bool {
        switch kind(body) {
        case .overloaded, .limited, .unavailable: true
        default: false
        }
    }

    private func error(_ kind: Kind, cause: String, isRetryable: Bool) -> BridgeError {
        if let report = refusedConfiguration(kind) {
            let code: ErrorCode = kind == .unknownModel ? .modelRejected : .modelAuthentication
            return BridgeError(code, Self.unusable, hint: Self.later, report: report, cause: cause)
        }
        let (code, message, hint) = words(kind)
        let report = kind == .spend ? "\(message) Raise it, or wait for the next period." : nil
        return BridgeError(code, message, hint: hint, report: report, cause: cause, isRetryable: isRetryable)
    }

    /// What people are told of a configuration that cannot work: they can do nothing about it.
    private static let unusable = "Omni cannot reach its model; its administrators have been told."
    private static let later = "Ask again later."
    private static let unreachable = "The model provider cannot be reached. Check llm.base_url and the network."

    /// What administrators are told of a configuration that the provider refuses; nil for any other kind.
    private func refusedConfiguration(_ kind: Kind) -> String? {
        switch kind {
        case .key:
            "The model provider did not accept the API key. Set a valid key (llm.api_key, ANTHROPIC_API_KEY)."
        case .permission:
            "The API key may not use the model \(model). Give it access, or set another (llm.api_key, llm.model)."
        case .unknownModel:
            "The provider does not offer the model \(model). "
                + (RetiredModels.retirement(of: model)?.sentence ?? "Set llm.model to another.")
        case .overloaded, .limited, .unavailable, .spend, .tooLong, .rejected: nil
        }
    }

    /// Code, message and hint of the kinds that are not the configuration's.
    private func words(_ kind: Kind) -> (ErrorCode, String, String) {
        switch kind {
        case .overloaded: (.modelOverloaded, "The model \(model) is overloaded.", "Ask again in a minute.")
        case .limited:
            (.modelOverloaded, "The provider limits how often \(model) is asked.", "Ask again in a minute.")
        case .unavailable: (.modelUnavailable, "The model \(model) does not answer.", "Ask again in a minute.")
        case .spend:
            (
                .modelSpendLimit, "The spend limit at the model provider is reached.",
                "Omni's administrators have been told; ask again later."
            )
        case .tooLong:
            (
                .contextTooLong, "The conversation is too long for the model \(model).",
                "Start a new thread, or ask for less at once."
            )
        case .rejected, .key, .permission, .unknownModel:
            (
                .modelRejected, "The provider rejected the request to the model \(model).",
                "Asking again will not help; the log has the provider's reason."
            )
        }
    }

    private func cause(_ what: String, _ body: AnthropicErrorBody, requestID: String? = nil) -> String {
        let parts = [what, body.type, body.code ?? "", body.requestID ?? requestID ?? "", body.message]
        return redact(parts.filter { !$0.isEmpty }.joined(separator: " "))
    }

    /// One line of at most 300 characters, without the API key and anything that looks like one.
    private func redact(_ text: String) -> String {
        var line = text.replacing("\n", with: " ")
        if let key = apiKey?.revealed, !key.isEmpty { line = line.replacing(key, with: "‹secret›") }
        line = line.replacing(#/(sk-ant-|Bearer )[A-Za-z0-9_.-]+/#, with: "‹secret›")
        return line.count <= 300 ? line : "\(line.prefix(300))…"
    }
}
