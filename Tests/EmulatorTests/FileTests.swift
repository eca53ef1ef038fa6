import Bridge
import SlackEmulator
import Testing

@Suite("Files in the workspace", .timeLimit(.minutes(5)))
struct FileTests {
    static let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    @Test("a file is uploaded in three steps and appears in its thread, in histories and at its URL")
    func steps() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "a chart, please")
            let step = try await app.address("c.png", Self.png.count, "&alt_txt=two%20bars")
            let id = step["file_id"] ?? ""
            let complete: JSONValue = [
                "files": [["id": id, "title": "Chart"]], "channel_id": "C0OPS", "thread_ts": .string(root),
            ]
            #expect(try await app.error("files.completeUploadExternal", complete) == "file_not_found")
            let upload = try await app.upload(Self.png, to: step)
            #expect(upload.status == 200 && upload.body == "OK - 8")
            #expect(try await app.error("files.completeUploadExternal", complete) == "ok")
            #expect(try await app.error("files.completeUploadExternal", complete) == "file_not_found")
            let replies = try await app.read("conversations.replies", "channel=C0OPS&ts=\(root)")
            let message = try #require(replies["messages"]?.array?.last)
            #expect(message["subtype"] == "file_share" && message["bot_id"] == "B0OMNI")
            let file = try #require(message["files"]?[0])
            #expect(file["title"] == "Chart" && file["name"] == "c.png" && file["alt_txt"] == "two bars")
            #expect(file["mimetype"] == "image/png")
            #expect(emulator.threadText("#ops", root).contains("[file: c.png, two bars]"))
            let kept = try await app.http.send(HTTPClient.Request("GET", file["url_private"]?.string ?? ""))
            #expect(kept.headers["Content-Type"] == "image/png")
            #expect(try await kept.collect(upTo: 100) == Self.png)
        }
    }

    @Test("the first step takes a form only, and the second content of the announced length, once")
    func strict() async throws {
        try await withWorkspace { _, app, _ in
            let json: JSONValue = ["filename": "c.png", "length": 8]
            #expect(try await app.error("files.getUploadURLExternal", json) == "invalid_arguments")
            #expect(try await app.address("c.png", 0)["error"] == "missing_argument")
            let step = try await app.address("c.png", 8)
            #expect(try await app.upload(Array(Self.png.dropLast()), to: step).status == 400)
            #expect(try await app.upload(Self.png, to: step).status == 200)
            #expect(try await app.upload(Self.png, to: step).status == 400)
        }
    }

    @Test("sharing needs the scope, membership and an existing thread, and shares all files or none")
    func refusals() async throws {
        var options = EmulatorOptions()
        options.scopes.insert("chat:write.public")
        try await withWorkspace(options) { emulator, app, _ in
            let step = try await app.address("c.png", 8)
            #expect(try await app.upload(Self.png, to: step).status == 200)
            let file: JSONValue = ["id": step["file_id"] ?? ""]
            func complete(_ files: JSONValue, _ channel: JSONValue, _ thread: JSONValue) async throws -> String {
                let arguments: JSONValue = ["files": files, "channel_id": channel, "thread_ts": thread]
                return try await app.error("files.completeUploadExternal", arguments)
            }
            #expect(try await complete([file], "C0RANDOM", .null) == "not_in_channel")
            #expect(try await complete([file], "C0PRIVATE", .null) == "channel_not_found")
            #expect(try await complete([file], "C0OPS", "1.000000") == "thread_not_found")
            #expect(try await complete([file, ["id": "F0NONE"]], "C0OPS", .null) == "file_not_found")
            #expect(emulator.messages("#ops").isEmpty)
            #expect(try await complete([file], "C0OPS", .null) == "ok")
            #expect(emulator.messages("#ops").count == 1)
        }
        options.scopes.remove("files:write")
        try await withWorkspace(options) { _, app, _ in
            let refused = try await app.address("c.png", 8)
            #expect(refused["error"] == "missing_scope")
            #expect(refused["needed"] == "files:write")
        }
    }
}

extension AppClient {
    /// The response of the first step.
    func address(_ name: String, _ length: Int, _ more: String = "") async throws -> JSONValue {
        let body = Array("filename=\(name)&length=\(length)\(more)".utf8)
        let headers = [
            ("Authorization", "Bearer \(emulator.options.botToken)"),
            ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        return try await send("files.getUploadURLExternal", body: body, headers: headers).body
    }

    /// Status and body of the second step.
    func upload(_ content: [UInt8], to step: JSONValue) async throws -> (status: Int, body: String) {
        let response = try await http.send(
            HTTPClient.Request("POST", step["upload_url"]?.string ?? "", body: content))
        return (response.status, String(decoding: try await response.collect(upTo: 100), as: UTF8.self))
    }
}
