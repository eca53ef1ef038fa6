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
    /// Attempts after the first, for each model, of failures other than an overload of the first model.
    package var maxRetries: Int
    /// How long an overload of the first model is waited out; zero: only `maxRetries` counts.
    package var retryBudget: Duration
    /// The model that is asked when the requested one stays overloaded; nil for none.
    package var fallbackModel: String?

    /// Derives the idle limits from the time-out: `byteIdle` is equal to it, `eventIdle` five times as long.
    package init(_ settings: ModelSettings) {
        baseURL = settings.baseURL
        apiKey = settings.apiKey
        timeout = settings.timeout
        byteIdle = settings.timeout
        eventIdle = settings.timeout * 5
        maxRetries = settings.maxRetries
        retryBudget = settings.retryBudget
        fallbackModel = settings.fallbackModel
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
    private let configuration: AnthropicConfiguration
    private let http: HTTPClient
    private let policy: RetryPolicy
    private let sleep: @Sendable (Duration) async throws -> Void
    private let logger: Logger

    /// - Parameter sleep: waits between attempts; tests pass one that returns at once.
    package init(
        _ configuration: AnthropicConfiguration, http: HTTPClient, logger: Logger,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    ) {
        self.configuration = configuration
        self.http = http
        self.logger = logger
        self.sleep = sleep
        policy = RetryPolicy(maxRetries: max(configuration.maxRetries, 0))
    }

    /// See ``ModelClient/turn(_:onDelta:)``. Tokens of failed attempts are billed too: they are in `spent` of the turn,
    /// or of the error when no turn is returned, under the model that was asked.
    package func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        do {
            return try await turn(request, of: request.model, within: budget(request), onDelta)
        } catch let failure as AnthropicFailure {
            let first = failure.charged(to: request.model)
            guard failure.isOverload, let other = configuration.fallbackModel, other != request.model else {
                throw first
            }
            logger.warning("asking the fallback model", metadata: ["model": "\(other)"])
            let reason = "\(request.model) is overloaded; asking \(other)"
            if failure.hasDeltas { await onDelta(.restarted) }
            await onDelta(.retrying(attempt: 1, after: .zero, reason: reason))
            do {
                var answered = try await turn(request, of: other, within: .zero, onDelta)
                answered.spent.merge(first.spent) { $1 + $0 }
                return answered
            } catch let failure as AnthropicFailure {
                throw failure.charged(to: other, besides: first.spent)
            }
        }
    }

    /// How long an overload of the first model is waited out: of the time until the question's deadline only a part, so
    /// that the fallback model still can answer, or the reason be told.
    private func budget(_ request: ModelRequest) -> Duration {
        guard let deadline = request.deadline else { return configuration.retryBudget }
        let left = max(deadline - ContinuousClock.now, .zero)
        return min(configuration.retryBudget, left * (configuration.fallbackModel == nil ? 0.9 : 0.5))
    }

    /// Makes attempts with one model until one succeeds, must not be retried, or is the last. An overload is waited out
    /// for `budget`. Throws ``AnthropicFailure`` with the tokens of all attempts.
    private func turn(
        _ request: ModelRequest, of model: String, within budget: Duration,
        _ onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        let wire = AnthropicRequest(model: model, request: request, foreignThinkers: foreign(to: model, request))
        let errorMapper = AnthropicErrorMapper(
            model: model, apiKey: configuration.apiKey, tools: request.tools.map(\.wireName))
        let attempt = AnthropicAttempt(
            http: http, request: { httpRequest(wire) }, model: model, earlierCalls: CallIDs(of: request.messages),
            errorMapper: errorMapper,
            eventIdle: configuration.eventIdle)
        var spent: [TokenUsage] = []
        var schedule = RetrySchedule(policy: policy, budget: budget)
        while true {
            do {
                var turn = try await attempt.run(onDelta)
                turn.calls = turn.calls.map { $0.underOwnNames(of: request.tools) }
                // Under the name that the provider answers with, so that all attempts are priced alike.
                if !spent.isEmpty { turn.spent[turn.model] = spent }
                return turn
            } catch var failure as AnthropicFailure {
                failure.isWaitedOut = failure.isWaitedOut && failure.spent.isEmpty
                spent += failure.spent
                failure.spent = spent
                guard failure.error.code != .cancelled else { throw failure }
                try await pause(&schedule, failure, errorMapper, onDelta)
            }
        }
    }

    /// Waits before the next attempt. Throws the failure when there is none.
    private func pause(
        _ schedule: inout RetrySchedule, _ failure: AnthropicFailure, _ errorMapper: AnthropicErrorMapper,
        _ onDelta: @Sendable (ModelDelta) async -> Void
    ) async throws {
        let code = failure.error.code.rawValue
        let metadata: Logger.Metadata = ["code": "\(code)", "cause": "\(failure.error.cause ?? "")"]
        switch step(&schedule, failure) {
        case .stop:
            logger.warning("the model request failed", metadata: metadata)
            throw failure
        case .tooLong(let demanded): throw errorMapper.tooLongAWait(demanded, failure)
        case .wait(let wait):
            logger.info("the model is asked again", metadata: metadata)
            if failure.hasDeltas { await onDelta(.restarted) }
            await onDelta(.retrying(attempt: schedule.retries, after: wait, reason: failure.error.message))
            do { try await sleep(wait) } catch { throw errorMapper.cancelled(failure.spent) }
        }
    }

    private func step(_ schedule: inout RetrySchedule, _ failure: AnthropicFailure) -> RetrySchedule.Step {
        switch failure.retry {
        case .never: .stop
        case .backoff: schedule.next(demanded: nil, isOverload: failure.isWaitedOut, at: .now)
        case .after(let wait): schedule.next(demanded: wait, isOverload: failure.isWaitedOut, at: .now)
        }
    }

    /// The models whose thinking blocks must not be sent to `model`: of the two that this client asks, the other one.
    /// Any other name is taken for `model` itself, since gateways may answer under another name than the requested one.
    private func foreign(to model: String, _ request: ModelRequest) -> Set<String> {
        let others = [request.model, configuration.fallbackModel ?? request.model]
        return Set(others.map(ModelID.bare)).subtracting([ModelID.bare(model)])
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
