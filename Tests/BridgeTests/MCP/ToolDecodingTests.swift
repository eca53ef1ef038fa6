import Testing

@testable import Bridge

@Suite("Tools and results as MCP servers send them")
struct ToolDecodingTests {
    @Test("a schema without a type becomes an object schema; one of another type makes the tool unusable")
    func schemas() throws {
        let tool = try ToolDecoding.tool(["name": "t", "inputSchema": ["properties": [:]]], of: "s")
        #expect(tool.inputSchema == ["type": "object", "properties": [:]])
        #expect(try ToolDecoding.tool(["name": "t"], of: "s").inputSchema["type"] == "object")
        #expect(throws: ToolDecoding.Unusable.self) {
            try ToolDecoding.tool(["name": "t", "inputSchema": ["type": "array"]], of: "s")
        }
        #expect(throws: ToolDecoding.Unusable.self) { try ToolDecoding.tool(["inputSchema": [:]], of: "s") }
    }

    @Test("a server writes null for properties and required, or a schema of another draft: the tool stays")
    func oddSchemas() throws {
        let schemas: [JSONValue] = [
            ["type": "object", "properties": .null, "required": .null], ["type": .null], .null, ["properties": []],
            ["type": ["object", "null"]], ["$ref": "#/$defs/A", "$defs": ["A": ["type": "object"]]], ["type": "dict"],
        ]
        for schema in schemas {
            let tool = try ToolDecoding.tool(["name": "t", "inputSchema": schema], of: "s")
            #expect(tool.modelSchema.schema["type"] == "object", "\(schema.text())")
        }
    }

    @Test("a server sends a JPEG as image/png, in a data: address, without a type or as a model API has it")
    func images() {
        let jpeg = SampleImage.base64(SampleImage.jpeg)
        let blocks: [JSONValue] = [
            ["type": "image", "data": .string(jpeg), "mimeType": "image/png"],
            ["type": "image", "data": .string("data:image/png;base64,\(jpeg)"), "mimeType": "image/jpg"],
            ["type": "image", "data": .string(jpeg)],
            ["type": "image", "source": ["type": "base64", "data": .string(jpeg), "media_type": "image/gif"]],
        ]
        let result = ToolDecoding.result(["content": .array(blocks)])
        #expect(result.content == blocks.map { _ in ToolContent.image(data: jpeg, mimeType: "image/jpeg") })
    }

    @Test("missing annotations stay unknown")
    func annotations() throws {
        let tool = try ToolDecoding.tool(
            ["name": "t", "annotations": ["title": "T", "destructiveHint": false]], of: "s")
        #expect(tool.title == "T")
        #expect(tool.annotations == ToolAnnotations(destructive: false))
    }

    @Test("results keep all kinds of content, and unknown ones unchanged")
    func results() {
        let result = ToolDecoding.result([
            "content": [
                ["type": "text", "text": "a"], ["type": "image", "data": "AA==", "mimeType": "image/png"],
                ["type": "audio", "data": "AA==", "mimeType": "audio/wav"],
                ["type": "resource_link", "uri": "u", "name": "n"],
                ["type": "resource", "resource": ["uri": "u", "text": "t"]], ["type": "image"],
            ], "structuredContent": .null, "isError": true,
        ])
        #expect(
            result.content == [
                .text("a"), .image(data: "AA==", mimeType: "image/png"), .audio(data: "AA==", mimeType: "audio/wav"),
                .resourceLink(uri: "u", name: "n", description: nil), .resource(uri: "u", text: "t"),
                .unknown(["type": "image"]),
            ])
        #expect(result.structured == .null)
        #expect(result.isError)
        #expect(ToolDecoding.result([:]) == ToolResult(content: []))
    }

    @Test("content whose audience is the user alone is kept apart from what a model receives")
    func audience() {
        func text(_ text: String, _ audience: JSONValue) -> JSONValue {
            ["type": "text", "text": .string(text), "annotations": ["audience": audience]]
        }
        let result = ToolDecoding.result([
            "content": [
                ["type": "text", "text": "a"], text("b", ["user"]), text("c", ["assistant"]),
                text("d", ["user", "assistant"]), text("e", []), text("f", "user"),
            ]
        ])
        #expect(result.content == ["a", "c", "d", "e", "f"].map { ToolContent.text($0) })
        #expect(result.userContent == [.text("b")])
        #expect(result.text == "a\nc\nd\ne\nf")
    }

    @Test("a result for model and user is the same after it was encoded and decoded")
    func forUser() {
        var result = ToolResult(content: [.text("three bars")], structured: ["bars": 3])
        result.showUser(image: "AA==", mimeType: "image/png", altText: "Bars")
        let json = ToolEncoding.result(result)
        #expect(json["content"]?[0] == ["type": "text", "text": "three bars"])
        #expect(json["content"]?[1]?["annotations"] == ["audience": ["user"]])
        #expect(ToolDecoding.result(json) == result)
        // Structured content is also sent as text when there is no other content for the model.
        result.content = []
        #expect(ToolEncoding.result(result)["content"]?[0]?["text"] == #"{"bars":3}"#)
        #expect(ToolEncoding.result(result)["content"]?.array?.count == 3)
    }
}
