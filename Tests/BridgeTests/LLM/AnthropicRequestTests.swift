import Testing

@testable import Bridge

@Suite("The body of a request to Anthropic")
struct AnthropicRequestTests {
    private func bytes(_ request: ModelRequest) -> [UInt8] { AnthropicRequest(request: request).body() }

    private func body(_ request: ModelRequest) throws -> JSONValue { try JSONValue(parsing: bytes(request)) }

    private let turn = ModelTurn(
        provider: "anthropic",
        rawBlocks: [
            #"{"type":"thinking","thinking":"","signature":"s"}"#,
            #"{"type":"tool_use","id":"t1","name":"quote","input":{ "z" : 1.0 }}"#,
            #"{"type":"tool_use","id":"t2","name":"quote","input":{}}"#,
        ], text: "",
        calls: [
            ModelToolCall(id: "t1", wireName: "quote", input: [:]),
            ModelToolCall(id: "t2", wireName: "quote", input: [:]),
        ], stop: .toolUse, usage: TokenUsage(), model: "claude-sonnet-5-5")

    @Test("is the same bytes for the same request, with keys in a fixed order")
    func stable() throws {
        let schema: JSONValue = ["zebra": ["type": "string"], "ant": ["type": "integer"], "mole": ["enum": [1, 2]]]
        let request = ModelRequest.sample(
            [.user("Über \"NVDA\"\n?"), .turn(turn)], system: "Be brief.", tools: [.sample("quote", schema)])
        let first = bytes(request)
        for _ in 0..<20 { #expect(bytes(request) == first) }
        #expect(
            String(decoding: first, as: UTF8.self) == #"""
                {"model":"claude-sonnet-5-5","max_tokens":1000,"stream":true,"thinking":{"type":"adaptive","display":"summarized"},"tools":[{"name":"quote","description":"The quote of a share.","input_schema":{"type":"object","properties":{"zebra":{"type":"string"},"ant":{"type":"integer"},"mole":{"enum":[1,2]}}},"cache_control":{"type":"ephemeral"}}],"system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"Über \"NVDA\"\n?"}]},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"tool_use","id":"t1","name":"quote","input":{ "z" : 1.0 }},{"type":"tool_use","id":"t2","name":"quote","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"This call was not made."}],"is_error":true},{"type":"tool_result","tool_use_id":"t2","content":[{"type":"text","text":"This call was not made."}],"is_error":true,"cache_control":{"type":"ephemeral"}}]}]}
                """#)
    }

    @Test("omits thinking, tools and a system prompt that the model or the request does not have")
    func minimal() throws {
        let body = try body(.sample(model: "some-local-model", system: "", tools: [], mayCallTools: false))
        #expect(body.object?.keys.elements == ["model", "max_tokens", "stream", "messages"])
    }

    @Test("has all results of a turn first, in one message, in any order of arrival")
    func resultsFirst() throws {
        let results = ["t2", "stranger", "t1"].map { ModelToolResult(callID: $0, result: .text("r-\($0)")) }
        let body = try body(.sample([.user("Q"), .turn(turn), .toolResults(results), .user("Go on.")]))
        #expect(body["messages"]?.array?.count == 3)
        let blocks = try #require(body["messages"]?[2]?["content"]?.array)
        #expect(blocks.map { $0["tool_use_id"]?.string } == ["t2", "t1", nil])
        #expect(blocks[2]["text"] == "Go on.")
    }

    @Test("adds a result for a call without one, and drops empty text")
    func repaired() throws {
        let result = ModelToolResult(callID: "t2", result: .text(" \n"))
        let body = try body(
            .sample([.assistant("Cut off"), .user("Q"), .user(" "), .turn(turn), .toolResults([result])]))
        #expect(body["messages"]?[0]?["role"] == "user")
        #expect(body["messages"]?[0]?["content"]?.array?.count == 1)
        let blocks = try #require(body["messages"]?[2]?["content"]?.array)
        #expect(blocks[0] == ["type": "tool_result", "tool_use_id": "t2"])
        #expect(blocks[1]["tool_use_id"] == "t1" && blocks[1]["is_error"] == true)
    }

    @Test("contains images as images and describes unsupported content")
    func contents() throws {
        let png = SampleImage.base64(SampleImage.png())
        let content: [ToolContent] = [
            .text("words"), .image(data: png, mimeType: "image/png"), .image(data: "aGk=", mimeType: "image/tiff"),
            .audio(data: "aGk=", mimeType: "audio/wav"), .resource(uri: "file:///a", text: "inside"),
            .resourceLink(uri: "file:///b", name: "b", description: nil), .unknown(["type": "hologram"]),
        ]
        let block = AnthropicToolResult.block(
            ModelToolResult(callID: "t1", result: ToolResult(content: content, isError: true)))
        #expect(block["is_error"] == true)
        let blocks = try #require(block["content"]?.array)
        #expect(blocks.map { $0["type"]?.string } == ["text", "image", "text", "text", "text", "text", "text"])
        #expect(blocks[1]["source"] == ["type": "base64", "media_type": "image/png", "data": .string(png)])
        #expect(blocks[4]["text"] == "[file:///a]\ninside")
        let structured = ToolResult(content: [], structured: ["rows": 3])
        let alone = AnthropicToolResult.block(ModelToolResult(callID: "t1", result: structured))
        #expect(alone["content"] == [["type": "text", "text": #"{"rows":3}"#]])
    }

    @Test("wraps tool results as untrusted text, block by block, and leaves Omni's own text and images unchanged")
    func fenced() throws {
        let tool = ToolName(server: "shop", tool: "look")
        let png = SampleImage.base64(SampleImage.png())
        let content: [ToolContent] = [
            .text("words"), .image(data: png, mimeType: "image/png"), .resource(uri: "file:///a", text: "inside"),
        ]
        let block = AnthropicToolResult.block(
            ModelToolResult(callID: "t1", tool: tool, result: ToolResult(content: content)))
        let blocks = try #require(block["content"]?.array)
        #expect(
            blocks.map { $0["text"]?.string } == [
                UntrustedText.wrap("words", from: tool), nil, UntrustedText.wrap("[file:///a]\ninside", from: tool),
            ])
        #expect(blocks[1]["type"] == "image")
        let structured = ToolResult(content: [], structured: ["rows": 3])
        let alone = AnthropicToolResult.block(ModelToolResult(callID: "t1", tool: tool, result: structured))
        #expect(
            alone["content"] == [["type": "text", "text": .string(UntrustedText.wrap(#"{"rows":3}"#, from: tool))]])
        let empty = ModelToolResult(callID: "t1", tool: tool, result: .text(" "))
        #expect(AnthropicToolResult.block(empty)["content"] == nil)
        let own = AnthropicToolResult.block(ModelToolResult(callID: "t1", result: .text("Refused.", isError: true)))
        #expect(own["content"] == [["type": "text", "text": "Refused."]])
    }

    @Test("a tool sends an image under another type, in a data: address, too large or none: words or the real type")
    func images() {
        func block(_ data: String, _ type: String) -> JSONValue? {
            let result = ToolResult(content: [.image(data: data, mimeType: type)])
            return AnthropicToolResult.block(ModelToolResult(callID: "t1", result: result))["content"]?[0]
        }
        let jpeg = SampleImage.base64(SampleImage.jpeg)
        for (data, type) in [(jpeg, "image/png"), (jpeg, "image/jpg"), ("data:image/png;base64,\(jpeg)", "")] {
            #expect(
                block(data, type)?["source"] == ["type": "base64", "media_type": "image/jpeg", "data": .string(jpeg)])
        }
        #expect(block("", "image/png")?["text"] == "[image of type image/png left out: it has no data]")
        #expect(block("PHN2Zy8+", "image/svg+xml")?["text"]?.string?.contains("no PNG, JPEG, GIF or WebP") == true)
        let wide = SampleImage.base64(SampleImage.png(8_001, 10))
        #expect(block(wide, "image/png")?["text"]?.string?.contains("8001 × 10 pixels") == true)
    }

    @Test("a tool has a line of text beside its data: both are sent, unless they are the same")
    func structured() {
        func texts(_ text: String, _ structured: JSONValue) -> [String] {
            let result = ToolResult(content: [.text(text)], structured: structured)
            let block = AnthropicToolResult.block(ModelToolResult(callID: "t1", result: result))
            return block["content"]?.array?.compactMap { $0["text"]?.string } ?? []
        }
        #expect(texts("2 rows", ["rows": [1, 2]]) == ["2 rows", #"{"rows":[1,2]}"#])
        #expect(texts(#"{ "rows": [1, 2] }"#, ["rows": [1, 2]]).count == 1)
    }

    @Test("marks at most four cache breakpoints, the fourth when a turn is too long for the look back")
    func breakpoints() throws {
        func marks(_ results: Int) throws -> [Int] {
            let calls = (0..<results).map { ModelToolCall(id: "c\($0)", wireName: "quote", input: [:]) }
            let turn = ModelTurn(
                provider: "anthropic",
                rawBlocks: calls.map { #"{"type":"tool_use","id":"\#($0.id)","name":"quote","input":{}}"# }, text: "",
                calls: calls, stop: .toolUse, usage: TokenUsage(), model: "m")
            let all = calls.map { ModelToolResult(callID: $0.id, result: .text("r")) }
            let messages = try body(.sample([.user("Q"), .turn(turn), .toolResults(all)]))["messages"]?.array ?? []
            return messages.map { $0["content"]?.array?.count { $0["cache_control"] != nil } ?? 0 }
        }
        #expect(try marks(2) == [0, 0, 1])
        #expect(try marks(9) == [0, 0, 1])
        #expect(try marks(10) == [1, 0, 1])
        #expect(try marks(40) == [1, 0, 1])
    }

    @Test("a turn of another provider is sent as its text and calls, and each result goes to its call")
    func otherProvider() throws {
        let ids = ["functions.quote:0", "functions.quote:1"]
        let foreign = ModelTurn(
            provider: "openai", rawBlocks: [#"{"role":"assistant","tool_calls":[]}"#], text: "I look.",
            calls: [
                ModelToolCall(id: ids[0], wireName: "quote", input: ["ticker": "AMD"]),
                ModelToolCall(id: ids[1], wireName: "the quote", input: nil),
            ], stop: .toolUse, usage: TokenUsage(), model: "gpt-6-luna")
        let results = ids.map { ModelToolResult(callID: $0, result: .text("of \($0)")) }
        let messages = try body(.sample([.user("Q"), .turn(foreign), .toolResults(results)]))["messages"]
        #expect(
            messages?[1]?["content"] == [
                ["type": "text", "text": "I look."],
                ["type": "tool_use", "id": "functions_quote_0", "name": "quote", "input": ["ticker": "AMD"]],
                ["type": "tool_use", "id": "functions_quote_1", "name": "the_quote", "input": [:]],
            ])
        let answers = messages?[2]?["content"]?.array ?? []
        #expect(answers.map { $0["tool_use_id"]?.string } == ["functions_quote_0", "functions_quote_1"])
        #expect(answers.map { $0["content"]?[0]?["text"]?.string } == ids.map { "of \($0)" })
    }

    @Test("a turn without blocks is sent as its text; one without text and calls is left out")
    func noBlocks() throws {
        let turns = ["Half an answer.", " "].map { text in
            ModelTurn(
                provider: "anthropic", rawBlocks: [], text: text, calls: [], stop: .pauseTurn, usage: TokenUsage(),
                model: "m")
        }
        let messages = try body(.sample([.user("Q"), .turn(turns[0]), .turn(turns[1])]))["messages"]
        #expect(messages?.array?.count == 2)
        #expect(messages?[1]?["content"] == [["type": "text", "text": "Half an answer."]])
    }
}
