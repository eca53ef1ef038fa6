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
            let kept = try await app.content(of: file)
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

extension FileTests {
    @Test("a user attaches files: the event, the history and files.info describe them, and the token reads them")
    func attached() async throws {
        try await withWorkspace { emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let files = [UserFile("may.csv", "a;1\n"), UserFile("shot.png", Self.png, needsFileInfo: true)]
            let ts = try emulator.say(as: "ana", in: "#ops", "@omni what is this?", files: files)
            let event = try #require(await bot.next("app_mention"))["payload"]?["event"]
            #expect(event?["subtype"] == "file_share" && event?["ts"]?.string == ts)
            let file = try #require(event?["files"]?[0])
            #expect(file["mimetype"] == "text/csv" && file["mode"] == "snippet" && file["user"] == "U0ANA")
            #expect(event?["files"]?[1]?["file_access"] == "check_file_info")
            let id = event?["files"]?[1]?["id"]?.string ?? ""
            let info = try await app.read("files.info", "file=\(id)")
            #expect(info["file"]?["mimetype"] == "image/png")
            let refused = try await app.read("files.info", "file=F0NONE")
            #expect(refused["error"] == "file_not_found")
            let content = try await app.content(of: file)
            let bytes = try await content.collect(upTo: 100)
            #expect(content.status == 200 && String(decoding: bytes, as: UTF8.self) == "a;1\n")
            for token in [nil, "xoxb-other"] {
                let page = try await app.content(of: file, token: token)
                #expect(page.status == 302)
                #expect(page.headers["Content-Type"]?.hasPrefix("text/html") == true)
            }
            let history = try await app.read("conversations.history", "channel=C0OPS")
            #expect(history["messages"]?[0]?["files"]?.array?.count == 2)
        }
    }

    @Test("files are shared in all channels that the app lists, or in none")
    func severalChannels() async throws {
        try await withWorkspace { emulator, app, _ in
            let step = try await app.address("c.png", 8)
            #expect(try await app.upload(Self.png, to: step).status == 200)
            let files: JSONValue = [["id": step["file_id"] ?? ""]]
            func complete(_ channels: String) async throws -> String {
                try await app.error("files.completeUploadExternal", ["files": files, "channels": .string(channels)])
            }
            #expect(try await complete("C0OPS,C0RANDOM") == "not_in_channel")
            #expect(emulator.messages("#ops").isEmpty)
            #expect(try await complete("C0OPS,C0GENERAL") == "ok")
            for channel in ["#ops", "#general"] {
                #expect(emulator.messages(channel).map(\.files.count) == [1], "\(channel)")
            }
        }
    }

    @Test("a program attaches files by the control route; too many or an empty one are refused")
    func control() async throws {
        try await withWorkspace { emulator, app, _ in
            let act = emulator.pageURL + "_control/act"
            let order: JSONValue = [
                "as": "ana", "do": "say", "channel": "#ops",
                "files": [["name": "a.txt", "text": "words"], ["name": "b.png", "base64": "iVBORw0KGgo="]],
            ]
            let status = try await app.post(act, order)
            #expect(status == 200)
            #expect(emulator.messages("#ops").last?.files.map { $0["size"]?.int } == [5, 8])
            #expect(throws: UserActionError.self) {
                try emulator.say(as: "ana", in: "#ops", "x", files: [UserFile("a", "")])
            }
            #expect(throws: UserActionError.self) {
                try emulator.say(
                    as: "ana", in: "#ops", "x", files: Array(repeating: UserFile("a", "b"), count: 11))
            }
            #expect(emulator.messages("#ops").count == 1)
        }
    }
}

extension AppClient {
    /// The content of a file, read with that token; the app's own by default.
    func content(of file: JSONValue, token: String? = EmulatorOptions().botToken) async throws -> HTTPClient.Response {
        let headers = token.map { [("Authorization", "Bearer \($0)")] } ?? []
        return try await http.send(
            HTTPClient.Request("GET", file["url_private"]?.string ?? "", headers: headers))
    }

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
