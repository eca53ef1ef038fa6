import TestKit
import Testing

@testable import Bridge

@Suite("Tools and results of odd servers, with the strict double", .timeLimit(.minutes(2)))
struct ToolSchemaRequestTests {
    private static let odd: [JSONValue] = [
        ["type": "object", "properties": .null, "required": .null],
        ["type": "object", "properties": ["StartTime<": ["type": "string"], "filter[name]": [:], "$top": [:]]],
        ["properties": ["in": ["type": "object", "properties": ["a b": ["items": ["properties": ["c d": [:]]]]]]]],
        ["properties": ["n": ["type": "number", "minimum": 0, "exclusiveMinimum": true]]],
        ["properties": ["p": ["type": "array", "items": [["type": "string"], ["type": "str"]]]]],
        [
            "properties": ["n": ["$ref": "#/definitions/N"]],
            "definitions": ["N": ["items": ["$ref": "#/definitions/N"]]],
        ],
        ["properties": ["x": ["$ref": "https://acme.example/schema.json"], "y": ["pattern": "(?P<a>["]]],
        ["oneOf": [["properties": ["a": [:]], "required": ["a"]], ["properties": ["b": [:]], "required": ["b"]]]],
        ["allOf": [["$ref": "#/$defs/A"]], "$defs": ["A": ["properties": ["a": [:]], "required": ["a"]]]],
        ["properties": ["p": ["type": "whatever", "required": true, "enum": [], "minLength": "3", "format": .null]]],
    ]

    private static func tools(_ schemas: [JSONValue]) -> [ModelTool] {
        schemas.enumerated().map { index, schema in
            ModelTool(
                wireName: "tool_\(index)",
                definition: ToolDefinition(
                    name: ToolName(server: "odd", tool: "tool_\(index)"), description: "d", inputSchema: schema))
        }
    }

    @Test("a server has tools of any draft beside a good one: the API takes all of them")
    func accepted() async throws {
        try await withDouble { double in
            try await double.script(["text": "Fine."])
            let turn = try await double.turn(double.client(), .sample(tools: Self.tools(Self.odd) + [.sample("quote")]))
            #expect(turn.text == "Fine.")
            #expect(try await double.journal().map { $0["status"]?.int } == [200])
        }
    }

    @Test("random schemas are taken by the API, which checks them against the meta-schema")
    func random() async throws {
        try await withDouble { double in
            let seed = SplitMix64.seed()
            var random = RandomSchema(seed: seed)
            for _ in 0..<10 {
                try await double.script(["text": "Fine."])
                let tools = Self.tools((0..<100).map { _ in random.tool() })
                let failure = await double.failure(double.client(), .sample(tools: tools))
                let index = if case .tool(let name) = failure?.refused { Int(name.dropFirst(5)) } else { Int?.none }
                let culprit = index.map { tools[$0].definition }
                #expect(
                    failure == nil,
                    "seed \(seed): \(failure?.cause ?? "") \(culprit?.inputSchema.text() ?? "") \(culprit?.modelSchema.schema.text() ?? "")"
                )
            }
        }
    }

    @Test("a model calls a tool by the names that it was told: the server receives its own, the model its words")
    func mappedBack() async throws {
        try await withDouble { double in
            try await double.script(
                ["calls": [["name": "tool_1", "input": ["StartTime_": "now", "_top": 3]]]], ["text": "Done."])
            let tools = Self.tools(Self.odd)
            let first = try await double.turn(double.client(), .sample(tools: tools))
            #expect(first.calls.map(\.input) == [["StartTime<": "now", "$top": 3]])
            #expect(first.rawBlocks.last?.contains("StartTime_") == true)
            let results = first.calls.map { ModelToolResult(callID: $0.id, result: .text("ok")) }
            let question = ModelMessage.user("Compare NVDA and AMD.")
            _ = try await double.turn(
                double.client(), .sample([question, .turn(first), .toolResults(results)], tools: tools))
            #expect(try await double.journal().last?["changes"] == [])
        }
    }

    @Test("the API refuses a tool by its number, another server by its name: the error names the tool")
    func refused() async throws {
        try await withDouble { double in
            for (words, part) in [
                ("tools.1.custom.input_schema: JSON schema is invalid.", .tool("quote")),
                ("tools.0.custom.name: String should match pattern", .tool("history")),
                ("Invalid schema for function 'quote': no", .tool("quote")),
                ("Invalid 'tools[0].function.parameters'", .tool("history")), ("Could not process image", .image),
            ] as [(String, RefusedPart)] {
                try await double.script(["refuse": .string(words)])
                let failure = await double.failure(double.client(), .sample())
                #expect(failure?.refused == part, "\(words)")
                #expect(failure?.code == .modelRejected)
            }
            for words in ["tools.7.custom: no such tool", "tools.1.cache_control: too many", "max_tokens: too large"] {
                try await double.script(["refuse": .string(words)])
                #expect(await double.failure(double.client(), .sample())?.refused == nil, "\(words)")
            }
        }
    }

    @Test("tools send a JPEG as image/png, image/jpg, no data, a data: address and SVG: the API takes the results")
    func images() async throws {
        try await withDouble { double in
            try await double.script(["calls": [["name": "quote", "input": [:]]]], ["text": "Seen."])
            let first = try await double.turn(double.client(), .sample())
            let jpeg = SampleImage.base64(SampleImage.jpeg)
            let content: [ToolContent] = [
                .image(data: jpeg, mimeType: "image/png"), .image(data: jpeg, mimeType: "image/jpg"),
                .image(data: "", mimeType: "image/png"), .image(data: "data:image/gif;base64,\(jpeg)", mimeType: ""),
                .image(data: "PHN2Zy8+", mimeType: "image/svg+xml"), .image(data: "not base64!", mimeType: "image/png"),
                .image(data: SampleImage.base64(SampleImage.png(9_000, 1)), mimeType: "image/png"),
                .image(data: SampleImage.base64(SampleImage.webp), mimeType: "image/webp"),
            ]
            let results = first.calls.map {
                ModelToolResult(callID: $0.id, result: ToolResult(content: content, structured: ["pictures": 8]))
            }
            let question = ModelMessage.user("Compare NVDA and AMD.")
            let turn = try await double.turn(
                double.client(), .sample([question, .turn(first), .toolResults(results)]))
            #expect(turn.text == "Seen.")
            let sent = try #require(try await double.journal().last)["body"]?["messages"]?[2]?["content"]?[0]?[
                "content"]
            let kinds = sent?.array?.map { $0["type"]?.string ?? "" }
            #expect(kinds == ["image", "image", "text", "image", "text", "text", "text", "image", "text"])
        }
    }
}
