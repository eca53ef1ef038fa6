/// All error codes of Omni: the same in HTTP responses, Slack messages, logs and the audit log.
package enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    // The request.
    case badRequest = "bad_request"
    case unauthorized
    case forbidden
    case notFound = "not_found"
    case tooLarge = "too_large"
    case refused
    case rateLimited = "rate_limited"
    // The model.
    case modelUnavailable = "model_unavailable"
    case modelOverloaded = "model_overloaded"
    case modelRejected = "model_rejected"
    case modelAuthentication = "model_authentication"
    case modelSpendLimit = "model_spend_limit"
    case modelRefused = "model_refused"
    case contextTooLong = "context_too_long"
    // The tools.
    case toolFailed = "tool_failed"
    case serverUnavailable = "server_unavailable"
    // Omni itself.
    case configuration
    case storeUnavailable = "store_unavailable"
    case deadline
    case cancelled
    case interrupted
    case draining
    case internalError = "internal_error"
}
