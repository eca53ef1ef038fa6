/// The errors of requests to one model. Each kind has one code, message and hint, whatever the provider; the provider's
/// own text appears only in `cause`.
struct ModelErrors: Sendable {
    let model: String
    /// Removed from every `cause`.
    let apiKey: Secret?

    /// What a provider may report.
    enum Kind: Sendable, Hashable {
        case overloaded, limited, unavailable, key, permission, spend, tooLong, unknownModel, rejected

        /// Whether the same request may succeed later.
        var isTransient: Bool { self == .overloaded || self == .limited || self == .unavailable }
    }

    /// The error of a kind. `isRetryable` has no effect on a kind that the configuration causes.
    func error(_ kind: Kind, cause: String, isRetryable: Bool) -> BridgeError {
        if let report = refusedConfiguration(kind) {
            let code: ErrorCode = kind == .unknownModel ? .modelRejected : .modelAuthentication
            return BridgeError(code, Self.unusable, hint: Self.later, report: report, cause: redact(cause))
        }
        let (code, message, hint) = words(kind)
        let report = kind == .spend ? "\(message) Raise it, or wait for the next period." : nil
        return BridgeError(code, message, hint: hint, report: report, cause: redact(cause), isRetryable: isRetryable)
    }

    /// The response broke off or was malformed; the request is repeated with backoff.
    func interrupted(_ cause: String) -> ModelFailure {
        ModelFailure(
            error: BridgeError(
                .modelUnavailable, "The answer of \(model) broke off.", hint: Self.inAMinute, cause: redact(cause),
                isRetryable: true),
            mayRepeat: true)
    }

    /// A 2xx response that is no event stream: a login page, or a gateway that does not stream.
    func notAStream(_ contentType: String?) -> ModelFailure {
        unusable(
            "What answers in place of \(model) does not have the API of llm.provider. Check llm.base_url.",
            cause: "HTTP 200 with content type \(contentType ?? "none")")
    }

    /// No response head arrived. Not repeated when the URL, TLS or the client's shutdown is the cause.
    func transport(_ fault: HTTPClient.Failure) -> ModelFailure {
        let report = "The model provider cannot be reached. Check llm.base_url and the network."
        switch fault.code {
        case .badURL, .closed, .tls, .tooLarge: return unusable(report, cause: fault.message)
        default:
            return ModelFailure(
                error: BridgeError(
                    .modelUnavailable, "The model provider cannot be reached.", hint: Self.inAMinute, report: report,
                    cause: redact(fault.message), isRetryable: true),
                mayRepeat: true)
        }
    }

    private func unusable(_ report: String, cause: String) -> ModelFailure {
        ModelFailure(
            error: BridgeError(
                .modelUnavailable, Self.unusable, hint: Self.later, report: report, cause: redact(cause)),
            mayRepeat: false)
    }

    /// What people are told of a configuration that cannot work: they can do nothing about it.
    private static let unusable = "Omni cannot reach its model; its administrators have been told."
    private static let later = "Ask again later."
    private static let inAMinute = "Ask again in a minute."

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
        case .overloaded: (.modelOverloaded, "The model \(model) is overloaded.", Self.inAMinute)
        case .limited: (.modelOverloaded, "The provider limits how often \(model) is asked.", Self.inAMinute)
        case .unavailable: (.modelUnavailable, "The model \(model) does not answer.", Self.inAMinute)
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

    /// One line of at most 300 characters, without the API key and anything that looks like one.
    private func redact(_ text: String) -> String {
        var line = text.replacing("\n", with: " ")
        if let key = apiKey?.revealed, !key.isEmpty { line = line.replacing(key, with: "‹secret›") }
        line = line.replacing(#/(sk-ant-|\bsk-|Bearer )[A-Za-z0-9_.-]+/#, with: "‹secret›")
        return line.count <= 300 ? line : "\(line.prefix(300))…"
    }
}
