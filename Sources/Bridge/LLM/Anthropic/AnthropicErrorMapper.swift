/// Maps errors that the Messages API reports to failures of ``ModelErrors``.
struct AnthropicErrorMapper {
    let errors: ModelErrors
    /// The names of the request's tools, in its order.
    let tools: [String]

    /// A response whose status is not 2xx.
    func status(_ status: Int, headers: HTTPClient.Headers, body: AnthropicErrorBody) -> ModelFailure {
        let mayRepeat =
            RetryPolicy.isRetryable(status, shouldRetry: headers["x-should-retry"]) && !body.isSpendLimit
        let cause = cause("HTTP \(status)", body, requestID: headers["request-id"])
        var error = errors.error(kind(status, body), cause: cause, isRetryable: mayRepeat)
        if status == 400 || status == 422 { error.refused = body.refusedPart(among: tools) }
        return ModelFailure(
            error: error, mayRepeat: mayRepeat,
            wait: RetryPolicy.wait(milliseconds: headers["retry-after-ms"], retryAfter: headers["retry-after"]),
            isWaitedOut: mayRepeat && [429, 502, 503, 504, 529].contains(status))
    }

    /// An `error` event, or a stream that is truncated or malformed.
    func stream(_ fault: AnthropicStreamFault) -> ModelFailure {
        switch fault {
        case .truncated: return errors.interrupted("the stream ended before message_stop")
        case .malformed: return errors.interrupted("an event's data is no JSON")
        case .provider(let body):
            let kind = kind(body)
            return ModelFailure(
                error: errors.error(kind, cause: cause("error event", body), isRetryable: kind.isTransient),
                mayRepeat: kind.isTransient, isWaitedOut: kind == .overloaded || kind == .limited)
        }
    }

    private func kind(_ status: Int, _ body: AnthropicErrorBody) -> ModelErrors.Kind {
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

    /// The kind of an error event; of an unknown type, that of a failure that may pass.
    private func kind(_ body: AnthropicErrorBody) -> ModelErrors.Kind {
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

    private func cause(_ what: String, _ body: AnthropicErrorBody, requestID: String? = nil) -> String {
        let parts = [what, body.type, body.code ?? "", body.requestID ?? requestID ?? "", body.message]
        return parts.filter { !$0.isEmpty }.joined(separator: " ")
    }
}
