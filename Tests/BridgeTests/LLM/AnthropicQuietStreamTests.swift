import TestKit
import Testing

@testable import Bridge

@Suite("Signs of life in the stream of an answer, and the ids of its calls", .timeLimit(.minutes(2)))
struct AnthropicQuietStreamTests {
    @Test("events without data, comments and pings between the deltas change nothing, and the answer is paid once")
    func signsOfLife() async throws {
        try await withDouble { double in
            try await double.script(["text": "All is well.", "quiet": true, "calls": [["name": "quote"]]])
            let turn = try await double.turn(double.client(), .sample())
            #expect(turn.text == "All is well." && double.textHeard == turn.text)
            #expect(turn.calls.count == 1)
            #expect(double.retries == 0 && double.restarts == 0 && turn.spent.isEmpty)
            #expect(try await double.journal().count == 1)
        }
    }

    @Test(
        "what says nothing is a sign of life",
        arguments: [
            ("message", ""), ("message", " "), ("message", "\n"), ("ping", ""), ("ping", "{}"), ("ping", "2026-11-28"),
            ("message", "{}"), ("message", "null"), ("message", #"{"type":"ping"}"#), ("ping", #"{"type": "ping"}"#),
        ])
    func sign(name: String, data: String) throws {
        var stream = AnthropicStream(model: "m")
        #expect(try stream.accept(data, named: name).isEmpty)
        #expect(stream.lastWasPing)
    }

    @Test("what is no event is not taken for a sign of life", arguments: ["{", "7", "[]", #"{"a":1}"#, "still here"])
    func noSign(data: String) {
        var stream = AnthropicStream(model: "m")
        #expect(throws: AnthropicStreamFault.self) { try stream.accept(data) }
    }

    @Test("a server that names the type in the event only, or the index of all blocks 0, loses no block")
    func sparse() throws {
        var stream = AnthropicStream(model: "m")
        var heard: [ModelDelta] = []
        for (name, data) in [
            ("content_block_start", #"{"index":0,"content_block":{"type":"text","text":""}}"#),
            ("content_block_delta", #"{"index":0,"delta":{"type":"text_delta","text":"One"}}"#),
            ("content_block_stop", #"{"index":0}"#),
            ("content_block_start", #"{"index":0,"content_block":{"type":"tool_use","id":7,"name":"a","input":null}}"#),
            ("content_block_stop", #"{"index":0}"#),
            ("content_block_start", #"{"index":0,"content_block":{"type":"tool_use","name":"b","input":""}}"#),
            ("content_block_delta", #"{"index":0,"delta":{"type":"input_json_delta","partial_json":"{\"x\":1,}"}}"#),
            ("content_block_stop", #"{"index":0}"#), ("message_stop", #"{"x":NaN}"#),
        ] { heard += try stream.accept(data, named: name) }
        let turn = try stream.finish()
        #expect(heard == [.text("One")])
        #expect(turn.calls.map(\.id) == ["7", "call_1"])
        #expect(turn.calls.map(\.input) == [[:], ["x": 1]])
        #expect(turn.rawBlocks.last == #"{"type":"tool_use","name":"b","input":{"x":1},"id":"call_1"}"#)
    }

    @Test(
        "ids that repeat or are empty are made unique, in a turn and over turns, and the API accepts the conversation")
    func ids() async throws {
        try await withDouble { double in
            let client = double.client()
            let calls: JSONValue = [
                ["name": "quote", "id": "call"], ["name": "quote", "id": "call"], ["name": "history", "id": ""],
            ]
            try await double.script(["calls": calls], ["calls": calls], ["text": "Done."])
            var messages: [ModelMessage] = [.user("Compare NVDA and AMD.")]
            var ids: [String] = []
            for _ in 0..<2 {
                let turn = try await double.turn(client, .sample(messages))
                #expect(turn.calls.map(\.wireName) == ["quote", "quote", "history"])
                ids += turn.calls.map(\.id)
                messages.append(.turn(turn))
                messages.append(
                    .toolResults(turn.calls.map { ModelToolResult(callID: $0.id, result: .text("of \($0.id)")) }))
            }
            #expect(Set(ids).count == 6 && !ids.contains(""))
            #expect(ids.first == "call", "an id that is unique is kept")
            #expect(try await double.turn(client, .sample(messages)).text == "Done.")
            let last = try #require(try await double.journal().last)
            #expect(last["status"]?.int == 200, "\(last["error"]?.string ?? "")")
        }
    }

    @Test("a journal whose turns repeat ids is sent with unique ones, each result after its call")
    func journal() async throws {
        try await withDouble { double in
            try await double.script(["text": "Done."])
            let calls = ["a", "a", ""].map { ModelToolCall(id: $0, wireName: "quote", input: [:]) }
            let turn = ModelTurn.scripted(calls: calls, model: AnthropicDouble.model)
            let results = ModelMessage.toolResults(
                ["1", "2", "3"].enumerated().map { place, text in
                    ModelToolResult(callID: calls[place].id, result: .text(text))
                })
            let messages = [.user("Compare."), .turn(turn), results, .turn(turn), results]
            #expect(try await double.turn(double.client(), .sample(messages)).text == "Done.")
            let sent = try #require(try await double.journal().last?["body"]?["messages"]?.array)
            for place in [1, 3] {
                let uses = sent[place]["content"]?.array?.map { $0["id"]?.string } ?? []
                let answers = sent[place + 1]["content"]?.array ?? []
                #expect(answers.map { $0["tool_use_id"]?.string } == uses)
                #expect(answers.map { $0["content"]?[0]?["text"]?.string } == ["1", "2", "3"])
            }
        }
    }
}
