import Testing

@testable import Bridge

@Suite("Parts of the MCP client")
struct MCPPartsTests {
    @Test("lines end at 0x0A only, for all cuts of the bytes")
    func lines() throws {
        let text = "{\"a\":\"\u{2028}\u{85}\"}\r\nsecond\n\nrest"
        for size in [1, 2, 7, 100] {
            var splitter = LineSplitter(limit: 100)
            var lines: [String] = []
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                lines += try splitter.append(Array(bytes.prefix(size))).map { String(decoding: $0, as: UTF8.self) }
                bytes = bytes.dropFirst(size)
            }
            #expect(lines == ["{\"a\":\"\u{2028}\u{85}\"}", "second", ""])
        }
    }

    @Test("a line beyond the limit is refused, also before its end")
    func longLine() {
        var splitter = LineSplitter(limit: 4)
        #expect(throws: LineSplitter.TooLong.self) { try splitter.append([1, 2, 3, 4, 5]) }
    }

    @Test("messages are read leniently and written back the same")
    func messages() throws {
        for text in [
            #"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}"#, #"{"jsonrpc":"2.0","method":"m"}"#,
            #"{"jsonrpc":"2.0","id":"x","result":null}"#,
            #"{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"no","data":[1]}}"#,
        ] {
            let value = try JSONValue(parsing: text)
            #expect(JSONRPCMessage(value)?.json.text() == text)
        }
        #expect(JSONRPCMessage(["id": .null, "method": "m"]) == nil)
        #expect(JSONRPCMessage("text") == nil)
        #expect(JSONRPCMessage.all(in: [["method": "a"], 7, ["method": "b"]]).count == 2)
    }

    @Test("delays double up to the maximum, each between half and the whole")
    func backoff() {
        var backoff = Backoff(first: .seconds(1), most: .seconds(8))
        for whole in [1, 2, 4, 8, 8, 8] {
            let wait = backoff.next()
            #expect(wait >= .seconds(whole) * 0.5 && wait <= .seconds(whole))
        }
        backoff.reset()
        let first = backoff.next()
        #expect(first <= .seconds(1))
    }

    @Test("secrets and control characters are removed from the texts of servers")
    func redaction() {
        let configuration = ServerConfiguration(
            name: "s", transport: .stdio(command: "c", arguments: [], directory: nil, environment: ["K": "hunter22"]),
            credentials: [.init(name: "Authorization", value: Secret("Bearer abcdef"))])
        let line = Redaction(configuration).line("a hunter22\nBearer abcdef and abcdef\u{1B}[0m")
        #expect(line == "a ‹secret› | ‹secret› and ‹secret›[0m")
        #expect(Redaction([]).line(String(repeating: "x", count: 900)).count == 500)
    }

    private func redacted(_ text: String, arguments: [String]) -> String {
        let transport = ServerConfiguration.Transport.stdio(
            command: "npx-of-ours", arguments: arguments, directory: nil, environment: [:])
        return Redaction(ServerConfiguration(name: "s", transport: transport)).line(text)
    }

    @Test(
        "a token in a server's arguments is not shown in its last output",
        arguments: [
            ["--header", "Authorization: Bearer sesame-7"], ["--header=Authorization:Bearer sesame-7"],
            ["--api-key", "sesame-7"], ["--token=sesame-7"], ["-e", "API_KEY=sesame-7"], ["sesame-7"],
            ["postgresql://omni:sesame-7@db.example/shop"], ["https://h.example/mcp?key=sesame-7&page=1"],
        ])
    func argumentSecrets(arguments: [String]) {
        for text in ["refused: sesame-7", "started with \(arguments.joined(separator: " ")) at 9:00"] {
            let line = redacted(text, arguments: arguments)
            #expect(!line.contains("sesame-7"), "\(line)")
            #expect(line.contains("‹secret›"))
        }
    }

    @Test("the parts of the last output that help an administrator stay")
    func harmlessArguments() {
        let arguments = [
            "-y", "--verbose", "@modelcontextprotocol/server-files", "/srv/omni/files", "./main.js", "npx-of-ours",
            "https://mcp.example/mcp", "--port", "8080", "--root=/srv/omni", "stdio",
        ]
        let text = arguments.joined(separator: " ")
        #expect(redacted(text, arguments: arguments) == text)
        #expect(redacted("given /srv/omni", arguments: ["--password", "/srv/omni"]) == "given ‹secret›")
    }

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
