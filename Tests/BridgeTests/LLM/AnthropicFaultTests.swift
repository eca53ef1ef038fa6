import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("Faults of the provider", .timeLimit(.minutes(2)))
struct AnthropicFaultTests {
    @Test(
        "a transient error is retried, after the provider's delay or a growing one",
        arguments: ["overloaded", "server_error", "timeout", "conflict", "html_502"])
    func retried(fault: String) async throws {
        try await withDouble { double in
            try await double.script(["fault": .string(fault)], ["fault": .string(fault)], ["text": "At last."])
            let turn = try await double.turn(double.client(), .sample())
            #expect(turn.text == "At last.")
            #expect(double.retries == 2)
            #expect(double.restarts == 0)
            let waits = double.waits.withLockedValue { $0 }
            try #require(waits.count == 2)
            #expect(Duration.seconds(0.375)...Duration.seconds(0.5) ~= waits[0])
            #expect(Duration.seconds(0.75)...Duration.seconds(1) ~= waits[1])
        }
    }

    @Test("a connection that closes without a response is tried again")
    func dropped() async throws {
        try await withDouble { double in
            // libcurl retries once on a kept connection that turns out closed; the client does not count that as an
            // attempt.
            try await double.script(["fault": "drop"], ["fault": "drop"], ["text": "At last."])
            #expect(try await double.turn(double.client(), .sample()).text == "At last.")
            #expect(1...2 ~= double.retries)
        }
    }

    @Test("the provider's delay is observed, in either unit")
    func namedWaits() async throws {
        try await withDouble { double in
            try await double.script(
                ["fault": "rate_limit", "retry_after": 7], ["fault": "rate_limit", "retry_after_ms": 250],
                ["text": "At last."])
            _ = try await double.turn(double.client(), .sample())
            #expect(double.waits.withLockedValue { $0 } == [.seconds(7), .milliseconds(250)])
        }
    }

    @Test("a delay that is too long is not waited for: the error states when to ask again")
    func tooLongAWait() async throws {
        try await withDouble { double in
            try await double.script(["fault": "rate_limit", "retry_after": 2700])
            let failure = try #require(await double.failure(double.client(), .sample()))
            #expect(failure.code == .modelOverloaded)
            #expect(failure.hint == "Ask again in 45 minutes.")
            #expect(try await double.journal().count == 1)
        }
    }

    @Test("the server's x-should-retry takes precedence over the status")
    func shouldRetry() async throws {
        try await withDouble { double in
            try await double.script(["fault": "overloaded", "should_retry": "false"])
            #expect(await double.failure(double.client(), .sample())?.code == .modelOverloaded)
            try await double.script(["fault": "too_long", "should_retry": "true"], ["text": "Fine."])
            #expect(try await double.turn(double.client(), .sample()).text == "Fine.")
        }
    }

    @Test(
        "a permanent error is reported at once, in Omni's own text",
        arguments: [
            ("spend_limit", ErrorCode.modelSpendLimit), ("billing", .modelSpendLimit), ("own_limit", .modelSpendLimit),
            ("permission", .modelAuthentication), ("too_long", .contextTooLong), ("too_large", .contextTooLong),
            ("html_200", .modelUnavailable),
        ])
    func explained(fault: String, code: ErrorCode) async throws {
        try await withDouble { double in
            try await double.script(["fault": .string(fault), "add": .string(" \(AnthropicDouble.key) \n")])
            let failure = try #require(await double.failure(double.client(), .sample()))
            #expect(failure.code == code)
            #expect(!failure.isRetryable)
            #expect(!failure.message.isEmpty && !failure.hint.isEmpty)
            #expect(!failure.debugDescription.contains(AnthropicDouble.key))
            #expect(!failure.description.contains("organization"))
            #expect(try await double.journal().count == 1)
            #expect(double.retries == 0)
        }
    }

    @Test(
        "of a refused key or a wrong configuration people read nothing of keys, administrators the reason",
        arguments: [
            ("permission", "llm.api_key"), ("html_200", "llm.base_url"), ("spend_limit", "spend limit"),
        ])
    func reported(fault: String, words: String) async throws {
        try await withDouble { double in
            try await double.script(["fault": .string(fault)])
            let failure = try #require(await double.failure(double.client(), .sample()))
            #expect(failure.description.contains("administrators have been told"))
            #expect(!failure.description.lowercased().contains("key") && !failure.description.contains("llm."))
            #expect(failure.report?.contains(words) == true)
            #expect(failure.debugDescription.contains(words))
        }
        try await withDouble(["--key", "sk-ant-another"]) { double in
            let failure = try #require(await double.failure(double.client(), .sample()))
            let told = "Omni cannot reach its model; its administrators have been told."
            #expect(failure.message == told)
            #expect(failure.administratorDescription.contains("did not accept the API key"))
            #expect(failure.administratorDescription.contains("HTTP 401"))
            #expect(!failure.administratorDescription.contains(AnthropicDouble.key))
        }
    }

    @Test("a wrong key, an unknown model and a rejected request are distinguished")
    func rejections() async throws {
        try await withDouble(["--key", "sk-ant-another"]) { double in
            #expect(await double.failure(double.client(), .sample())?.code == .modelAuthentication)
        }
        try await withDouble { double in
            let unknown = await double.failure(double.client(), .sample(model: "claude-3-5-sonnet-20241022"))
            #expect(unknown?.code == .modelRejected)
            #expect(unknown?.report?.contains("claude-sonnet-5-5") == true)
            #expect(unknown?.description.contains("claude") == false)
            let twins = ModelRequest.sample(tools: [.sample("quote"), .sample("quote")])
            let rejected = await double.failure(double.client(), twins)
            #expect(rejected?.code == .modelRejected)
            #expect(rejected?.cause?.contains("tool_name_conflict") == true)
        }
    }

    @Test(
        "an answer that breaks off is withdrawn and requested again",
        arguments: ["error_event", "truncate", "reset", "stall", "pings"])
    func brokenStream(fault: String) async throws {
        try await withDouble { double in
            let client = double.client(configured: {
                if fault == "stall" { $0.byteIdle = .seconds(2) }
                if fault == "pings" { $0.eventIdle = .seconds(2) }
            })
            try await double.script(
                ["text": "This never ends, for it is cut somewhere.", "fault": .string(fault), "after_events": 5],
                ["text": "Whole."])
            let turn = try await double.turn(client, .sample())
            #expect(turn.text == "Whole.")
            #expect(double.textHeard == "Whole.")
            #expect(double.restarts == 1)
            #expect(double.retries == 1)
            let whole = try #require(try await double.journal().last)
            #expect(whole["status"]?.int == 200)
            // The attempt that broke off is billed too: it wrote the prompt to the cache, and the next one read it.
            let failed = turn.spent[turn.model] ?? []
            #expect(failed.count == 1 && failed.allSatisfy { $0.cacheWrite > 0 })
            #expect(turn.usage.cacheRead > 0)
        }
    }

    @Test("the number of attempts is that of the settings")
    func bounded() async throws {
        try await withDouble { double in
            let fault: JSONValue = ["text": "Never whole.", "fault": "error_event", "after_events": 4]
            try await double.script(fault, fault, fault, fault)
            let failure = try #require(await double.failure(double.client(), .sample()))
            #expect(failure.code == .modelOverloaded)
            #expect(failure.isRetryable)
            #expect(try await double.journal().count == 3)
        }
    }

    @Test("the usage of failed attempts is known when all fail, for each model")
    func failureIsBilled() async throws {
        try await withDouble { double in
            let client = double.client {
                $0.maxRetries = 1
                $0.fallbackModel = "claude-haiku-5-5"
            }
            let fault: JSONValue = ["text": "Never whole.", "fault": "error_event", "after_events": 4]
            try await double.script(fault, fault, fault, fault)
            let failure = try #require(await double.failure(client, .sample()))
            #expect(failure.code == .modelOverloaded)
            #expect(Set(failure.spent.keys) == [AnthropicDouble.model, "claude-haiku-5-5"])
            let first = try #require(failure.spent[AnthropicDouble.model])
            // Both attempts are billed: the first wrote the prompt to the cache, the second read it.
            #expect(first.count == 2 && first.first?.cacheWrite ?? 0 > 0 && first.last?.cacheRead ?? 0 > 0)
        }
    }

    @Test("the usage of failed attempts before the fallback is known as the first model's")
    func fallbackIsBilled() async throws {
        try await withDouble { double in
            let client = double.client {
                $0.maxRetries = 1
                $0.fallbackModel = "claude-haiku-5-5"
            }
            let fault: JSONValue = ["text": "Never whole.", "fault": "error_event", "after_events": 4]
            try await double.script(fault, fault, ["text": "From the other."])
            let turn = try await double.turn(client, .sample())
            #expect(turn.model == "claude-haiku-5-5")
            #expect(Set(turn.spent.keys) == [AnthropicDouble.model])
            let first = try #require(turn.spent[AnthropicDouble.model])
            #expect(first.count == 2 && first.first?.cacheWrite ?? 0 > 0 && first.last?.cacheRead ?? 0 > 0)
        }
    }

    @Test("an attempt that was not billed is not charged")
    func refusedIsFree() async throws {
        try await withDouble { double in
            try await double.script(["fault": "overloaded"], ["fault": "overloaded"], ["fault": "overloaded"])
            let failure = try #require(await double.failure(double.client { $0.retryBudget = .zero }, .sample()))
            #expect(failure.spent.isEmpty)
        }
    }

    @Test("an answer cancelled midway is charged for its tokens so far")
    func cancellationIsBilled() async throws {
        try await withDouble { double in
            try await double.script([
                "text": "This never ends, for it is cut somewhere.", "fault": "stall", "after_events": 5,
            ])
            let client = double.client()
            let failure = try await withThrowingTaskGroup(of: BridgeError?.self) { group -> BridgeError? in
                group.addTask { await double.failure(client, .sample()) }
                try await eventually("something is heard") { !double.textHeard.isEmpty }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(failure?.code == .cancelled)
            let spent = try #require(failure?.spent[AnthropicDouble.model])
            #expect(spent.count == 1 && spent.allSatisfy { $0.cacheWrite > 0 })
        }
    }

    @Test("a permanent error event is final")
    func finalErrorEvent() async throws {
        try await withDouble { double in
            try await double.script([
                "text": "Half", "fault": "error_event", "after_events": 4, "error_type": "invalid_request_error",
            ])
            #expect(await double.failure(double.client(), .sample())?.code == .modelRejected)
            #expect(try await double.journal().count == 1)
        }
    }

    @Test("on overload the fallback model is asked, announced, and not sent the other model's thinking")
    func fallback() async throws {
        try await withDouble { double in
            let client = double.client {
                $0.maxRetries = 1
                $0.retryBudget = .zero
                $0.fallbackModel = "claude-haiku-5-5"
            }
            try await double.script(
                ["thinking": "One call.", "calls": [["name": "quote", "input": ["ticker": "AMD"]]]],
                ["fault": "overloaded"], ["fault": "overloaded"], ["text": "From the other."])
            let first = try await double.turn(client, .sample())
            let results = first.calls.map { ModelToolResult(callID: $0.id, result: .text("187")) }
            let second = try await double.turn(
                client, .sample([.user("Compare NVDA and AMD."), .turn(first), .toolResults(results)]))
            #expect(second.text == "From the other.")
            #expect(second.model == "claude-haiku-5-5")
            let reasons = double.heard.withLockedValue { heard in
                heard.compactMap { if case .retrying(_, _, let reason) = $0 { reason } else { nil } }
            }
            #expect(reasons.last == "claude-sonnet-5-5 is overloaded; asking claude-haiku-5-5")
            let body = try #require(try await double.journal().last?["body"])
            #expect(body["messages"]?[1]?["content"]?.array?.compactMap { $0["type"]?.string } == ["tool_use"])
        }
    }

    @Test(
        "a call that was cut or is not JSON is not made, and the conversation continues",
        arguments: [
            ("cut_tool", "{\"ticker\": \"NV"), ("cut_tool", "{\"ticker\": \"NV\"}"),
            ("invalid_json", "{\"ticker\": NVDA}"),
        ])
    func unusableCalls(fault: String, input: String) async throws {
        try await withDouble { double in
            try await double.script(
                ["fault": .string(fault), "calls": [["name": "quote", "raw_input": .string(input)]]], ["text": "On."])
            let turn = try await double.turn(double.client(), .sample())
            #expect(turn.calls.count == 1)
            #expect(turn.calls.first?.input == nil)
            #expect((turn.stop == .maxTokens) == (fault == "cut_tool"))
            let next = try await double.turn(
                double.client(), .sample([.user("Compare NVDA and AMD."), .turn(turn), .user("Go on.")]))
            #expect(next.text == "On.")
            let answered = try await double.journal().last?["body"]?["messages"]?[2]?["content"]
            #expect(answered?[0]?["type"] == "tool_result")
            #expect(answered?[0]?["is_error"] == true)
        }
    }

    @Test("an unreachable provider is reported as such, after the attempts")
    func unreachable() async throws {
        let refused = try RefusedPort()
        defer { refused.release() }
        try await withDouble { double in
            let client = double.client { $0.baseURL = "http://127.0.0.1:\(refused.number)" }
            let failure = try #require(await double.failure(client, .sample()))
            #expect(failure.code == .modelUnavailable)
            #expect(failure.isRetryable)
            #expect(double.retries == 2)
        }
    }
}
