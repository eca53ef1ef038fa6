/// The section `llm` of settings.yaml: the model that answers, and the limits of requests to it.
package struct ModelSettings: Sendable, Hashable {
    /// `llm.provider`; `openai` is recognised but not supported.
    package enum Provider: String, Sendable, Hashable, CaseIterable { case anthropic, openai, offline }

    package var provider: Provider = .anthropic
    /// The provider's id of the model.
    package var model = "claude-sonnet-5-5"
    /// The model that is asked when `model` stays overloaded for ``retryBudget``; nil for none.
    package var fallbackModel: String?
    /// nil for a server that needs no key.
    package var apiKey: Secret?
    /// With or without `/v1`.
    package var baseURL = "https://api.anthropic.com"
    /// The most tokens of one response.
    package var maxTokens = 4096
    /// The longest time from the request until the head of the response, and between two arrivals of bytes of the body.
    package var timeout: Duration = .seconds(60)
    /// Attempts after the first, of failures other than an overload.
    package var maxRetries = 2
    /// How long an overload is waited out, within the question's deadline; zero: only ``maxRetries`` counts.
    package var retryBudget: Duration = .seconds(60)
    /// The most model turns of one question.
    package var maxIterations = 10
    /// `+llm.prices`: prices by model id, which replace those of the built-in list.
    package var prices: [String: ModelPrice] = [:]
    /// `+llm.instructions`: the organisation's instructions to the model.
    package var instructions = ""

    /// The defaults.
    package init() {}
}

/// What one model costs, in nano-dollars per token ($0.80 per million tokens is 800).
package struct ModelPrice: Sendable, Hashable {
    package let input: Int64
    package let output: Int64
    package let cacheRead: Int64
    /// Writing to a cache that lasts five minutes.
    package let cacheWrite5m: Int64
    /// Writing to a cache that lasts an hour.
    package let cacheWrite1h: Int64
    /// The day of the price list, e.g. `2026-11-22`.
    package let date: String

    package init(
        input: Int64, output: Int64, cacheRead: Int64, cacheWrite5m: Int64, cacheWrite1h: Int64, date: String
    ) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
        self.date = date
    }
}
