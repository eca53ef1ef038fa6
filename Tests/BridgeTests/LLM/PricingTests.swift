import Foundation
import Logging
import Testing

@testable import Bridge

@Suite("Prices, retirement and capabilities of models", .timeLimit(.minutes(2)))
struct PricingTests {
    @Test("140 in, 346 out and 7,589 cached tokens cost $0.0021 at the original's rates")
    func original() {
        let usage = TokenUsage(input: 140, output: 346, cacheRead: 7589)
        for model in ["claude-3-5-haiku", "claude-3-5-haiku-20241022", "claude-3-5-haiku-latest"] {
            let (money, known, date) = Pricing.cost(of: usage, model: model)
            #expect(money == Money(nano: 2_103_120))
            #expect(money.description == "$0.0021")
            #expect(known)
            #expect(date == Pricing.date)
        }
    }

    @Test("each kind of token has its own rate")
    func kinds() {
        let usage = TokenUsage(input: 1, output: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1)
        #expect(Pricing.cost(of: usage, model: "claude-sonnet-5-5").money == Money(nano: 18_600))
        #expect(Pricing.cost(of: usage, model: "claude-opus-5-5").money == Money(nano: 37_200))
    }

    @Test("Haiku 5.5 is priced by the length of the whole prompt, cached tokens included")
    func bands() {
        let short = TokenUsage(input: 10_000, output: 100, cacheRead: 80_000, cacheWrite5m: 10_000)
        #expect(Pricing.cost(of: short, model: "claude-haiku-5-5").money == Money(nano: 3_100_000))
        var long = short
        long.input += 1
        #expect(Pricing.cost(of: long, model: "claude-haiku-5-5").money == Money(nano: 15_500_500))
    }

    @Test("an unknown model has no price")
    func unknown() {
        for model in ["gpt-6-luna", "claude-sonnet-6", "us.anthropic.claude-sonnet-5-5", "claude-sonnet-5-5-fast", ""] {
            let (money, known, date) = Pricing.cost(of: TokenUsage(input: 1000), model: model)
            #expect(money == .zero)
            #expect(!known)
            #expect(date == nil)
        }
    }

    @Test("a configured price takes precedence, and has its date")
    func overrides() {
        let mine = ModelPrice(
            input: 1, output: 2, cacheRead: 3, cacheWrite5m: 4, cacheWrite1h: 5, date: "2026-01-01")
        let prices = ["local": mine, "claude-haiku-4-5": mine]
        let usage = TokenUsage(input: 1, output: 1)
        #expect(Pricing.cost(of: usage, model: "local", overrides: prices).money == Money(nano: 3))
        let dated = Pricing.cost(of: usage, model: "claude-haiku-4-5-20251001", overrides: prices)
        #expect(dated.money == Money(nano: 3) && dated.date == "2026-01-01")
    }

    @Test("the offline model has a known price of zero")
    func offline() {
        let (money, known, _) = Pricing.cost(of: TokenUsage(), model: "offline")
        #expect(money == .zero && known)
    }

    @Test("extreme counts do not overflow")
    func absurd() {
        let usage = TokenUsage(input: .max / 4, output: .max / 4, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1)
        #expect(Pricing.cost(of: usage, model: "claude-opus-5-5").money > .zero)
    }

    @Test("a model's retirement is stated before and after its date")
    func retirement() throws {
        let now = try #require(try? Date("2026-11-23T12:00:00Z", strategy: .iso8601))
        let original = try #require(RetiredModels.retirement(of: "claude-3-5-sonnet-20241022", on: now))
        #expect(original.isRetired)
        #expect(
            original.sentence == "The model claude-3-5-sonnet-20241022 was retired on 2025-10-28 and answers no more;"
                + " use claude-sonnet-5-5.")
        let soon = try #require(RetiredModels.retirement(of: "claude-sonnet-4-5-20250929", on: now))
        #expect(!soon.isRetired)
        let later = try #require(RetiredModels.retirement(of: "claude-sonnet-4-5", on: now + 8 * 86400))
        #expect(later.isRetired)
        #expect(RetiredModels.retirement(of: ModelSettings().model, on: now) == nil)
        #expect(RetiredModels.retirement(of: original.successor, on: now) == nil)
    }

    @Test("an unknown model is used only with what all models accept")
    func capabilities() {
        #expect(ModelCapabilities.of("qwen3:8b") == .unknown)
        #expect(!ModelCapabilities.unknown.speaksInThinking)
        #expect(ModelCapabilities.of("claude-haiku-4-5-20251001") == ModelCapabilities.of("claude-haiku-4-5"))
        #expect(ModelCapabilities.of("claude-sonnet-5-5").speaksInThinking)
    }

    @Test("delays are read in each form that servers send")
    func waits() throws {
        let now = try #require(try? Date("2026-11-23T12:00:00Z", strategy: .iso8601))
        func wait(_ milliseconds: String?, _ retryAfter: String?) -> Duration? {
            RetryPolicy.wait(milliseconds: milliseconds, retryAfter: retryAfter, now: now)
        }
        #expect(wait("1500", "9") == .milliseconds(1500))
        #expect(wait(nil, "0.5") == .milliseconds(500))
        #expect(wait(nil, "Mon, 23 Nov 2026 12:00:30 GMT") == .seconds(30))
        #expect(wait(nil, "Mon, 23 Nov 2026 11:00:00 GMT") == nil)
        #expect(wait("nan", "soon") == nil)
        #expect(wait(nil, "-3") == nil && wait(nil, nil) == nil)
        #expect(wait(nil, "1e300") == .seconds(4_294_967))
        let policy = RetryPolicy(maxRetries: 9, random: { 0 })
        #expect((0..<7).map(policy.backoff) == [0.5, 1, 2, 4, 8, 8, 8].map { Duration.seconds($0) })
    }

    @Test("a client is made only from settings that are complete")
    func making() async throws {
        let http = HTTPClient(.init(proxy: ""), logger: Logger(label: "test"))
        func make(_ settings: ModelSettings) throws -> any ModelClient {
            try ModelClientFactory.makeModel(
                settings, http: http, offline: { StandIn() }, logger: Logger(label: "test"))
        }
        var settings = ModelSettings()
        #expect(throws: BridgeError.self) { try make(settings) }
        settings.apiKey = Secret("sk-ant-x")
        #expect(try make(settings) is AnthropicClient)
        settings.fallbackModel = "claude-haiku-5-5"
        #expect(try make(settings) is FallbackModel)
        settings.fallbackModel = nil
        settings.apiKey = nil
        settings.baseURL = "http://localhost:11434/v1/"
        #expect(try make(settings) is AnthropicClient)
        #expect(AnthropicConfiguration(settings).endpoint == "http://localhost:11434/v1/messages")
        settings.provider = .openai
        #expect(throws: BridgeError.self) { try make(settings) }
        settings.provider = .offline
        #expect(try make(settings) is StandIn)
        await http.shutdown()
    }
}

/// A stand-in for a client, which is not called.
private struct StandIn: ModelClient {
    func turn(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async -> Void
    ) async throws -> ModelTurn {
        throw BridgeError(.modelUnavailable, "Nobody is here.")
    }
}
