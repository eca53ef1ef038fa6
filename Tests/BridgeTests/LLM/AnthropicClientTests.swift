import Logging
import NIOConcurrencyHelpers
import TestKit
import Testing

@testable import Bridge

@Suite("The Anthropic client with the strict double", .timeLimit(.minutes(2)))
struct AnthropicClientTests {
    private let calling: JSONValue = [
        "thinking": "Beide Kurse – NVDA und AMD.", "text": "Fetching both. 📈",
        "calls": [
            ["name": "quote", "raw_input": "{\"ticker\":  \"NVDA\", \"a\": 1.0, \"A\": \"\\u00e4/\\/\"}"],
            ["name": "quote", "input": ["ticker": "AMD"]],
        ],
    ]

    private func results(_ turn: ModelTurn) -> ModelMessage {
        .toolResults(turn.calls.map { ModelToolResult(callID: $0.id, result: .text("{\"close\":187.2}")) })
    }

    @Test("two turns with parallel calls and thinking: the second is accepted, unchanged and read from the cache")
    func twoRounds() async throws {
        try await withDouble { double in
            let client = double.client()
            try await double.script(calling, ["text": "NVDA 187.2, AMD 201.1"])
            let first = try await double.turn(client, .sample())
            #expect(first.stop == .toolUse)
            #expect(first.text == "Fetching both. 📈")
            #expect(first.text == double.textHeard)
            #expect(first.rawBlocks.count == 4)
            #expect(first.calls.map(\.wireName) == ["quote", "quote"])
            #expect(first.calls[0].input == ["ticker": "NVDA", "a": 1.0, "A": "ä//"])
            #expect(first.calls[1].input == ["ticker": "AMD"])
            #expect(first.usage.cacheWrite5m > 0 && first.usage.cacheRead == 0)
            let thoughts = double.heard.withLockedValue { heard in
                heard.compactMap { if case .thinking(let text) = $0 { text } else { nil } }.joined()
            }
            #expect(thoughts == "Beide Kurse – NVDA und AMD.")

            let question = ModelMessage.user("Compare NVDA and AMD.")
            let second = try await double.turn(client, .sample([question, .turn(first), results(first)]))
            #expect(second.stop == .endTurn)
            #expect(second.text == "NVDA 187.2, AMD 201.1")
            #expect(second.calls.isEmpty)
            #expect(second.usage.cacheRead == first.usage.cacheWrite5m)

            let journal = try await double.journal()
            #expect(journal.count == 2)
            for request in journal {
                #expect(request["status"]?.int == 200)
                #expect(request["changes"] == [])
                #expect(request["key_header"] == ["x-api-key"])
                #expect(request["headers"]?["anthropic-version"] == "2023-06-01")
            }
            #expect(journal[0]["body"]?["thinking"] == ["type": "adaptive", "display": "summarized"])
        }
    }

    @Test("redacted thinking and blocks of an unknown kind are sent back unchanged")
    func unknownBlocks() async throws {
        try await withDouble { double in
            try await double.script([
                "thinking": "", "redacted": "c2VjcmV0", "calls": [["name": "quote", "raw_input": ""]],
            ])
            let turn = try await double.turn(double.client(), .sample())
            #expect(turn.calls.first?.input == [:])
            try await double.script(["text": "Done."])
            _ = try await double.turn(
                double.client(), .sample([.user("Compare NVDA and AMD."), .turn(turn), results(turn)]))
            let last = try #require(try await double.journal().last)
            #expect(last["status"]?.int == 200)
            #expect(last["changes"] == [])
            let kinds = last["body"]?["messages"]?[1]?["content"]?.array?.compactMap { $0["type"]?.string }
            #expect(kinds == ["thinking", "redacted_thinking", "tool_use"])
        }
    }

    @Test("a turn with more than 20 results still reads the cache of the turn before it")
    func manyResults() async throws {
        try await withDouble { double in
            let calls = (0..<15).map { JSONValue.object(["name": "quote", "input": ["ticker": "T\($0)"]]) }
            try await double.script(["calls": .array(calls)], ["text": "Done."])
            let first = try await double.turn(double.client(), .sample())
            let messages = [ModelMessage.user("Compare NVDA and AMD."), .turn(first), results(first)]
            let second = try await double.turn(double.client(), .sample(messages))
            #expect(second.usage.cacheRead == first.usage.cacheWrite5m)
        }
    }

    @Test("the newer API version and a bearer token are accepted too")
    func newVersion() async throws {
        try await withDouble(["--key", AnthropicDouble.key]) { double in
            try await double.script(["text": "Hi."])
            let client = double.client(configured: {
                $0.version = "2026-10-21"
                $0.authentication = .bearer
            })
            #expect(try await double.turn(client, .sample()).text == "Hi.")
            #expect(try await double.journal().first?["key_header"] == ["authorization"])
        }
    }

    @Test("at the limit the tools stay in the request and the model may not call them")
    func noMoreCalls() async throws {
        try await withDouble { double in
            try await double.script(["text": "So far."])
            _ = try await double.turn(double.client(), .sample(mayCallTools: false))
            let body = try #require(try await double.journal().first?["body"])
            #expect(body["tool_choice"] == ["type": "none"])
            #expect(body["tools"]?.array?.count == 2)
        }
    }

    @Test("a refusal is an answer with its category")
    func refusal() async throws {
        try await withDouble { double in
            try await double.script([
                "text": "I can", "stop": "refusal", "stop_details": ["type": "refusal", "category": "cyber"],
            ])
            #expect(try await double.turn(double.client(), .sample()).stop == .refusal(category: "cyber"))
        }
    }

    @Test("cancelling the task closes the request")
    func cancellation() async throws {
        try await withDouble { double in
            try await double.script(["text": "A long answer that stalls.", "fault": "stall", "after_events": 4])
            let client = double.client()
            let (began, feed) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingOldest(1))
            let failure = try await withThrowingTaskGroup(of: BridgeError?.self) { group in
                group.addTask {
                    do {
                        _ = try await client.turn(.sample()) { _ in feed.yield() }
                        return nil
                    } catch {
                        return error as? BridgeError
                    }
                }
                for await _ in began { break }
                group.cancelAll()
                return try await group.next() ?? nil
            }
            #expect(failure?.code == .cancelled)
            #expect(double.waits.withLockedValue { $0.isEmpty })
            try await eventually("the double sees the end") {
                try await double.journal().first?["closed_by_client"] == true
            }
        }
    }

    @Test("without a script the double calls the tools that a question names, and reports the results")
    func automaticAnswers() async throws {
        try await withDouble(["--mode", "ops"]) { double in
            let question = ModelMessage.user("Show the quote of \"NVDA\" and then the history of 'AMD'")
            var messages = [question]
            var called: [String] = []
            for _ in 0..<2 {
                let turn = try await double.turn(double.client(), .sample(messages))
                called += turn.calls.map(\.wireName)
                messages += [.turn(turn), results(turn)]
            }
            #expect(called == ["quote", "history"])
            let last = try await double.turn(double.client(), .sample(messages))
            #expect(last.calls.isEmpty)
            #expect(last.text.contains("**quote**") && last.text.contains("**close**: 187.2"))
        }
    }

    @Test("the configured timeout bounds a silent stream; with pings alone it is five times as long")
    func timeouts() {
        var settings = ModelSettings()
        settings.timeout = .seconds(20)
        let configuration = AnthropicConfiguration(settings)
        #expect(configuration.timeout == .seconds(20) && configuration.byteIdle == .seconds(20))
        #expect(configuration.eventIdle == .seconds(100))
        #expect(AnthropicConfiguration(ModelSettings()).eventIdle == .seconds(300))
    }
}
