import TestKit
import Testing

@testable import Bridge

@Suite("Decoding the stream of an answer")
struct AnthropicStreamTests {
    private static let events: [String] = [
        #"{"type":"message_start","message":{"id":"m","model":"claude-sonnet-5-5","usage":{"input_tokens":25,"cache_read_input_tokens":700,"cache_creation_input_tokens":90,"cache_creation":{"ephemeral_5m_input_tokens":60,"ephemeral_1h_input_tokens":30},"output_tokens":1}}}"#,
        #"{"type":"ping"}"#,
        #"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Grüße – "}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"📈"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"old"}}"#,
        #"{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"EqQB+/="}}"#,
        #"{"type":"content_block_stop","index":0}"#,
        #"{"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Let me look."}}"#,
        #"{"type":"content_block_delta","index":1,"delta":{"type":"a_delta_of_next_year","glow":3}}"#,
        #"{"type":"content_block_stop","index":1}"#,
        #"{"type":"content_block_start","index":2,"content_block":{"type":"redacted_thinking","data":"c2VjcmV0"}}"#,
        #"{"type":"content_block_stop","index":2}"#,
        #"{"type":"content_block_start","index":3,"content_block":{"type":"hologram","z":1.50,"a":[null,true]}}"#,
        #"{"type":"content_block_stop","index":3}"#,
        #"{"type":"an_event_of_next_year"}"#,
        #"{"type":"content_block_start","index":4,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"Two "}}"#,
        #"{"type":"content_block_delta","index":4,"delta":{"type":"text_delta","text":"calls."}}"#,
        #"{"type":"content_block_stop","index":4}"#,
        #"{"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"toolu_1","name":"quote","input":{},"caller":{"type":"direct"}}}"#,
        #"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":""}}"#,
        #"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{ \"b\": \"\\u00"}}"#,
        #"{"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"e4\",\"a\":1.0}"}}"#,
        #"{"type":"content_block_stop","index":5}"#,
        #"{"type":"content_block_start","index":6,"content_block":{"type":"tool_use","id":"toolu_2","name":"ping","input":{}}}"#,
        #"{"type":"content_block_stop","index":6}"#,
        #"{"type":"content_block_start","index":7,"content_block":{"type":"text","text":""}}"#,
        #"{"type":"content_block_stop","index":7}"#,
        #"{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":80,"input_tokens":null}}"#,
        #"{"type":"message_delta","delta":{},"usage":{"output_tokens":89,"cache_read_input_tokens":701}}"#,
        #"{"type":"message_stop"}"#,
    ]

    private static let bytes = Array(
        events.map { "event: any\r\ndata: \($0)\r\n\r\n" }.joined().utf8)

    private func decode(_ events: [String]) throws -> (turn: ModelTurn, heard: [ModelDelta]) {
        var stream = AnthropicStream(model: "asked")
        var heard: [ModelDelta] = []
        for event in events { heard += try stream.accept(event) }
        return (try stream.finish(), heard)
    }

    @Test("blocks, calls, text and usage are decoded, and blocks are sent back unchanged")
    func whole() throws {
        let (turn, heard) = try decode(Self.events)
        #expect(
            turn.rawBlocks == [
                #"{"type":"thinking","thinking":"Grüße – 📈","signature":"EqQB+/="}"#,
                #"{"type":"text","text":"Let me look."}"#,
                #"{"type":"redacted_thinking","data":"c2VjcmV0"}"#,
                #"{"type":"hologram","z":1.5,"a":[null,true]}"#,
                #"{"type":"text","text":"Two calls."}"#,
                #"{"type":"tool_use","id":"toolu_1","name":"quote","input":{ "b": "\u00e4","a":1.0},"caller":{"type":"direct"}}"#,
                #"{"type":"tool_use","id":"toolu_2","name":"ping","input":{}}"#,
            ])
        #expect(turn.text == "Let me look.\n\nTwo calls.")
        #expect(heard.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined() == turn.text)
        #expect(turn.calls[0] == ModelToolCall(id: "toolu_1", wireName: "quote", input: ["b": "ä", "a": 1.0]))
        #expect(turn.calls[1] == ModelToolCall(id: "toolu_2", wireName: "ping", input: [:]))
        #expect(turn.stop == .toolUse)
        #expect(turn.model == "claude-sonnet-5-5")
        #expect(
            turn.usage == TokenUsage(input: 25, output: 89, cacheRead: 701, cacheWrite5m: 60, cacheWrite1h: 30))
    }

    @Test("the same turn results for all cuts of the bytes", arguments: 0..<40)
    func cuts(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        var parser = ServerSentEventParser()
        var events: [String] = []
        var rest = Self.bytes[...]
        while !rest.isEmpty {
            let size = Int.random(in: 1...(seed < 2 ? 1 : 40), using: &random)
            events += try parser.feed(rest.prefix(size)).map(\.data)
            rest = rest.dropFirst(size)
        }
        let (turn, heard) = try decode(events)
        let (expected, expectedHeard) = try decode(Self.events)
        #expect(turn.rawBlocks == expected.rawBlocks)
        #expect(turn.calls == expected.calls)
        #expect(turn.usage == expected.usage)
        #expect(heard == expectedHeard)
    }

    @Test("a stream that ends before its last event gives no turn")
    func truncated() {
        for length in 0..<Self.events.count {
            #expect(throws: AnthropicStreamFault.self) { try decode(Array(Self.events.prefix(length))) }
        }
    }

    @Test("a call in which the answer was cut has no input, even if its JSON looks complete")
    func cutCall() throws {
        let cut = Self.events.filter { !$0.contains(#""index":6"#) && !$0.contains(#""index":7"#) }
            .map { $0.replacing(#""stop_reason":"tool_use""#, with: #""stop_reason":"max_tokens""#) }
        let (turn, _) = try decode(cut)
        #expect(turn.stop == .maxTokens)
        #expect(turn.calls.map(\.input) == [nil])
    }

    @Test("an input that is not an object is dropped, and sent back as an empty one")
    func noObject() throws {
        for fragment in ["[1]", "{", "nonsense", "\\\"text\\\""] {
            let (turn, _) = try decode([
                #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"n"}}"#,
                #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\#(fragment)"}}"#,
                #"{"type":"content_block_stop","index":0}"#, #"{"type":"message_stop"}"#,
            ])
            #expect(turn.calls == [ModelToolCall(id: "t", wireName: "n", input: nil)])
            #expect(turn.rawBlocks == [#"{"type":"tool_use","id":"t","name":"n","input":{}}"#])
        }
    }

    @Test("streams with fewer fields than Anthropic's are decoded")
    func sparse() throws {
        let (turn, heard) = try decode([
            #"{"type":"message_start","message":{}}"#,
            #"{"type":"content_block_start","content_block":{"type":"text","text":"Hel"}}"#,
            #"{"type":"content_block_delta","delta":{"type":"text_delta","text":"lo"}}"#,
            #"{"type":"content_block_stop"}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"because"},"usage":{"output_tokens":-5,"input_tokens":99999999999999}}"#,
            #"{"type":"message_stop"}"#, "[DONE]",
        ])
        #expect(turn.text == "Hello")
        #expect(heard == [.text("Hel"), .text("lo")])
        #expect(turn.stop == .unknown("because"))
        #expect(turn.model == "asked")
        #expect(turn.usage == TokenUsage(input: 1_000_000_000))
    }
}
