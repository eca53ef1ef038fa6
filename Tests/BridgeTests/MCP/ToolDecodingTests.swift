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
}
