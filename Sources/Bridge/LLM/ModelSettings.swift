/// Which model answers, and how it is asked: `llm` of settings.yaml, decoded.
package struct ModelSettings: Sendable, Hashable {
    package enum Provider: String, Sendable, Hashable, CaseIterable { case anthropic, openai, offline }

    package var provider: Provider = .anthropic
    package var model = "claude-sonnet-5-5"
    /// Asked instead when the first is overloaded; nil asks nobody else.
    package var fallbackModel: String?
    package var apiKey: Secret?
    /// Without `/v1`.
    package var baseURL = "https://api.anthropic.com"
    package var maxTokens = 4096
    /// From the request until the first byte of the answer.
    package var timeout: Duration = .seconds(60)
    /// Further tries after the first.
    package var maxRetries = 2
    package var maxIterations = 10
    /// `+llm.prices`: USD per million tokens by model id, over the built-in table.
    package var prices: [String: ModelPrice] = [:]
    /// `+llm.instructions`: the organisation's words to the model.
    package var instructions = ""

    package init() {}
}

/// What one model costs, in nano-dollars per token (so $0.80 a million tokens is 800).
package struct ModelPrice: Sendable, Hashable {
    package let input: Int64
    package let output: Int64
    package let cacheRead: Int64
    package let cacheWrite5m: Int64
    package let cacheWrite1h: Int64
    /// The day of the price list, `2026-11-22`.
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
