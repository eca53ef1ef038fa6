package import Logging

/// Settings of an ``AnthropicClient``.
package struct AnthropicConfiguration: Sendable {
    /// The header that carries the API key.
    package enum Authentication: Sendable, Hashable {
        /// `x-api-key`, which every server with this API reads.
        case apiKeyHeader
        /// `Authorization: Bearer`, for access tokens and gateways.
        case bearer
    }

    /// With or without `/v1`.
    package var baseURL: String
    /// nil sends no key.
    package var apiKey: Secret?
    /// The header that `apiKey` is sent in.
    package var authentication: Authentication = .apiKeyHeader
    /// The header `anthropic-version`. `2023-06-01` is frozen and known to every server; this client also works with
    /// `2026-10-21`.
    package var version = "2023-06-01"
    /// The longest time from the request until the head of the response.
    package var timeout: Duration
    /// The longest time between two arrivals of bytes, pings included, which come about every 30 seconds.
    package var byteIdle: Duration
    /// The longest time between two events that are no pings; a model may think for minutes without an event.
    package var eventIdle: Duration
    /// When a failed request is sent again.
    var retryPolicy: RetryPolicy

    /// Derives the idle limits from the time-out: `byteIdle` is equal to it, `eventIdle` five times as long.
    package init(_ settings: ModelSettings) {
        baseURL = settings.baseURL
        apiKey = settings.apiKey
        timeout = settings.timeout
        byteIdle = settings.timeout
        eventIdle = settings.timeout * 5
        retryPolicy = RetryPolicy(settings)
    }

    /// The URL of the Messages API.
    var endpoint: String {
        var base = baseURL[...]
        while base.hasSuffix("/") { base = base.dropLast() }
        if base.hasSuffix("/v1") { base = base.dropLast(3) }
        return "\(base)/v1/messages"
    }
}

/// Client of the Anthropic Messages API, also as other servers implement it. One value serves all questions.
///
/// Sends no sampling parameter, since current models reject them.
package struct AnthropicClient: ModelClient {
    /// ``ModelTurn/provider`` of its turns.
    static let provider = "anthropic"

    private let configuration: AnthropicConfiguration
    private let http: HTTPClient
    private let retryLoop: RetryLoop

    /// - Parameter sleep: waits between attempts; tests pass one that returns at once.
    package init(
        _ configuration: AnthropicConfiguration, http: HTTPClient, logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.http = http
        retryLoop = RetryLoop(policy: configuration.retryPolicy, logger: logger, sleep: sleep)
    }

    /// See ``ModelClient/turn(_:onDelta:)`` and ``RetryLoop/run(_:_:attempt:)``.
    package func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let errorMapper = AnthropicErrorMapper(
            errors: ModelErrors(model: request.model, apiKey: configuration.apiKey),
            tools: request.tools.map(\.wireName))
        let attempt = AnthropicAttempt(
            http: http, request: { httpRequest(AnthropicRequest(request: request)) },
            earlierCalls: CallIDs(of: request.messages), errorMapper: errorMapper,
            eventIdle: configuration.eventIdle)
        return try await retryLoop.run(request, onDelta) { try await attempt.run(onDelta) }
    }

    private func httpRequest(_ request: AnthropicRequest) -> HTTPClient.Request {
        var headers = [
            (name: "content-type", value: "application/json"), (name: "accept", value: "text/event-stream"),
            (name: "anthropic-version", value: configuration.version),
        ]
        if let key = configuration.apiKey?.revealed {
            switch configuration.authentication {
            case .apiKeyHeader: headers.append((name: "x-api-key", value: key))
            case .bearer: headers.append((name: "authorization", value: "Bearer \(key)"))
            }
        }
        let timeouts = HTTPClient.Timeouts(head: configuration.timeout, idle: configuration.byteIdle)
        return HTTPClient.Request(
            "POST", configuration.endpoint, headers: headers, body: request.body(), timeouts: timeouts)
    }
}
