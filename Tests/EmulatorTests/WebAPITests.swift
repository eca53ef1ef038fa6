import Bridge
import SlackEmulator
import Testing

@Suite("The Web API", .timeLimit(.minutes(5)))
struct WebAPITests {
    @Test("tokens are distinguished: missing, wrong, and of the wrong type")
    func tokens() async throws {
        try await withWorkspace { emulator, app, _ in
            let form = "application/x-www-form-urlencoded"
            #expect(try await app.send("auth.test", body: [], headers: []).body["error"] == "not_authed")
            #expect(try await app.call("auth.test", token: "xoxb-other").body["error"] == "invalid_auth")
            let appToken = emulator.options.appToken
            #expect(try await app.call("auth.test", token: appToken).body["error"] == "not_allowed_token_type")
            let opened = try await app.call("apps.connections.open", type: form)
            #expect(opened.body["error"] == "not_allowed_token_type")
            let identity = try await app.call("auth.test").body
            #expect(identity["user_id"] == "U0OMNI")
            #expect(identity["bot_id"] == "B0OMNI")
            #expect(try await app.error("chat.shout") == "unknown_method")
            // In a form the token may be an argument; in JSON it may not.
            let body = Array("token=\(emulator.options.botToken)".utf8)
            #expect(try await app.send("auth.test", body: body, headers: [("Content-Type", form)]).body["ok"] == true)
            let json = #"{"token":"\#(emulator.options.botToken)"}"#
            let refused = try await app.send(
                "auth.test", body: Array(json.utf8), headers: [("Content-Type", "application/json; charset=utf-8")])
            #expect(refused.body["error"] == "not_authed")
        }
    }

    @Test("a missing scope is named, with the granted ones")
    func scopes() async throws {
        var options = EmulatorOptions()
        options.scopes = ["chat:write", "users:read"]
        try await withWorkspace(options) { _, app, _ in
            let answer = try await app.call("reactions.add", ["channel": "C0OPS", "timestamp": "1.1", "name": "eyes"])
                .body
            #expect(answer["error"] == "missing_scope")
            #expect(answer["needed"] == "reactions:write")
            #expect(answer["provided"] == "chat:write,users:read")
            // Without users:read.email the address is omitted.
            let user = try await app.read("users.info", "user=U0ANA")
            #expect(user["user"]?["profile"]?["email"] == nil)
            #expect(user["user"]?["name"] == "ana")
        }
    }

    @Test("bodies are parsed as by Slack: forms for all methods, JSON only for methods that write")
    func bodies() async throws {
        try await withWorkspace { _, app, _ in
            #expect(try await app.call("users.info", ["user": "U0ANA"]).body["error"] == "invalid_arguments")
            #expect(try await app.read("users.info", "user=U0ANA")["user"]?["profile"]?["email"] == "ana@acme.example")
            #expect(try await app.read("users.info", "user=U0NOBODY")["error"] == "user_not_found")
            let bearer = ("Authorization", "Bearer xoxb-emulator-bot-token")
            func send(_ body: String, _ type: String?) async throws -> JSONValue {
                let headers = [bearer] + (type.map { [("Content-Type", $0)] } ?? [])
                return try await app.send("chat.postMessage", body: Array(body.utf8), headers: headers).body
            }
            #expect(try await send("{", "application/json; charset=utf-8")["error"] == "invalid_json")
            #expect(try await send("[]", "application/json; charset=utf-8")["error"] == "json_not_object")
            #expect(try await send("text", "text/plain")["error"] == "invalid_post_type")
            let plain = try await send(#"{"channel":"C0OPS","text":"hi"}"#, "application/json")
            #expect(plain["ok"] == true)
            #expect(plain["warning"] == "missing_charset")
            let form = "channel=C0OPS&text=a+b%26c&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D"
            let posted = try await send(form, "application/x-www-form-urlencoded")
            #expect(posted["message"]?["text"] == "a b&c")
            #expect(posted["message"]?["blocks"]?[0]?["type"] == "divider")
        }
    }

    @Test("posting checks the channel: unknown, private, not joined, archived, a DM by user id")
    func places() async throws {
        var options = EmulatorOptions()
        options.channels.append(WorkspaceChannel(id: "C0ATTIC", name: "attic", isArchived: true))
        try await withWorkspace(options) { _, app, _ in
            func post(_ channel: JSONValue) async throws -> String {
                try await app.error("chat.postMessage", ["channel": channel, "text": "hi"])
            }
            #expect(try await post("C0NOWHERE") == "channel_not_found")
            #expect(try await post("C0PRIVATE") == "channel_not_found")
            #expect(try await post("C0RANDOM") == "not_in_channel")
            #expect(try await post("C0ATTIC") == "is_archived")
            #expect(try await post("#ops") == "ok")
            #expect(try await post("U0OLD") == "channel_not_found")
            #expect(try await post(5) == "invalid_arguments")
            #expect(try await app.error("chat.postMessage", ["text": "hi"]) == "invalid_arguments")
            #expect(try await app.error("chat.postMessage", ["channel": "C0OPS"]) == "no_text")
            let direct = try await app.call("chat.postMessage", ["channel": "U0ANA", "text": "hi"]).body
            #expect(direct["channel"] == "D0ANA")
            let update: JSONValue = ["channel": "U0ANA", "ts": direct["ts"] ?? "", "text": "ho"]
            #expect(try await app.error("chat.update", update) == "channel_not_found")
        }
    }

    @Test("the posting permissions of a channel have Slack's codes, for messages and replies")
    func postingPermissions() async throws {
        var options = EmulatorOptions()
        options.channels += [
            WorkspaceChannel(id: "C0READ", name: "read", posting: .nothing),
            WorkspaceChannel(id: "C0THREADS", name: "threads", posting: .threadsOnly),
            WorkspaceChannel(id: "C0FLAT", name: "flat", posting: .noThreads),
        ]
        try await withWorkspace(options) { emulator, app, _ in
            func post(_ channel: String, to thread: String? = nil) async throws -> String {
                var arguments: JSONValue = ["channel": .string(channel), "text": "hi"]
                if let thread { arguments["thread_ts"] = .string(thread) }
                return try await app.error("chat.postMessage", arguments)
            }
            #expect(try await post("C0READ") == "restricted_action_read_only_channel")
            #expect(try await post("C0THREADS") == "restricted_action_thread_only_channel")
            let root = try emulator.say(as: "ana", in: "#threads", "a root")
            #expect(try await post("C0THREADS", to: root) == "ok")
            #expect(try await post("C0FLAT") == "ok")
            let flat = try emulator.say(as: "ana", in: "#flat", "a root")
            #expect(try await post("C0FLAT", to: flat) == "restricted_action_non_threadable_channel")
        }
    }

    @Test("texts have their limits, and markdown_text excludes other content")
    func textLimits() async throws {
        try await withWorkspace { _, app, _ in
            let posted = try await app.call(
                "chat.postMessage", ["channel": "C0OPS", "text": .string(String(repeating: "a", count: 40_000))]
            ).body
            #expect(posted["ok"] == true)
            let ts = posted["ts"] ?? ""
            let tooLong: JSONValue = ["channel": "C0OPS", "text": .string(String(repeating: "a", count: 40_001))]
            #expect(try await app.error("chat.postMessage", tooLong) == "msg_too_long")
            func update(_ count: Int) async throws -> String {
                try await app.error(
                    "chat.update",
                    ["channel": "C0OPS", "ts": ts, "text": .string(String(repeating: "é", count: count))])
            }
            #expect(try await update(4_000) == "ok")
            #expect(try await update(4_001) == "msg_too_long")
            let both: JSONValue = ["channel": "C0OPS", "text": "a", "markdown_text": "b"]
            #expect(try await app.error("chat.postMessage", both) == "markdown_text_conflict")
        }
    }

    @Test("a thread needs a root that exists and is not a reply")
    func threads() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "root")
            func post(_ thread: String) async throws -> JSONValue {
                try await app.call(
                    "chat.postMessage", ["channel": "C0OPS", "text": "reply", "thread_ts": .string(thread)]
                ).body
            }
            let reply = try await post(root)
            #expect(reply["message"]?["thread_ts"]?.string == root)
            #expect(reply["message"]?["parent_user_id"] == "U0ANA")
            #expect(try await post("1.000001")["error"] == "thread_not_found")
            #expect(try await post(reply["ts"]?.string ?? "")["error"] == "cannot_reply_to_message")
            let thread = try await app.read("conversations.replies", "channel=C0OPS&ts=\(root)")
            #expect(thread["messages"]?.array?.map { $0["text"] ?? "" } == ["root", "reply"])
            #expect(thread["messages"]?[0]?["reply_count"] == 1)
            let history = try await app.read("conversations.history", "channel=C0OPS&limit=1")
            #expect(history["messages"]?.array?.count == 1)
            #expect(history["messages"]?[0]?["text"] == "root")
        }
    }

    @Test("an update removes the blocks unless text is omitted too, and only the author may update")
    func updates() async throws {
        try await withWorkspace { emulator, app, _ in
            let blocks: JSONValue = [["type": "divider"]]
            let posted = try await app.call(
                "chat.postMessage", ["channel": "C0OPS", "text": "a", "blocks": blocks]
            ).body
            let ts = posted["ts"] ?? ""
            let same = try await app.call("chat.update", ["channel": "C0OPS", "ts": ts, "blocks": blocks]).body
            #expect(same["message"]?["edited"] == nil)
            #expect(same["message"]?["text"] == "a")
            let text = try await app.call("chat.update", ["channel": "C0OPS", "ts": ts, "text": "b"]).body
            #expect(text["message"]?["blocks"] == nil)
            #expect(text["message"]?["edited"]?["user"] == "U0OMNI")
            let other = try emulator.say(as: "ana", in: "#ops", "mine")
            let foreign: JSONValue = ["channel": "C0OPS", "ts": .string(other), "text": "yours"]
            #expect(try await app.error("chat.update", foreign) == "cant_update_message")
            #expect(
                try await app.error("chat.delete", ["channel": "C0OPS", "ts": .string(other)]) == "cant_delete_message")
            #expect(try await app.error("chat.delete", ["channel": "C0OPS", "ts": ts]) == "ok")
            #expect(
                try await app.error("chat.update", ["channel": "C0OPS", "ts": ts, "text": "c"]) == "message_not_found")
        }
    }

    @Test("metadata is stored, validated, and returned only on request")
    func metadata() async throws {
        try await withWorkspace { _, app, _ in
            let metadata: JSONValue = ["event_type": "omni_answer", "event_payload": ["part": 0]]
            #expect(
                try await app.error(
                    "chat.postMessage", ["channel": "C0OPS", "text": "a", "metadata": metadata]) == "ok")
            #expect(
                try await app.error(
                    "chat.postMessage", ["channel": "C0OPS", "text": "a", "metadata": ["event_type": "x"]])
                    == "invalid_metadata_format")
            let hidden = try await app.read("conversations.history", "channel=C0OPS")
            #expect(hidden["messages"]?[0]?["metadata"] == nil)
            let shown = try await app.read("conversations.history", "channel=C0OPS&include_all_metadata=true")
            #expect(shown["messages"]?[0]?["metadata"] == metadata)
        }
    }

    @Test("with rate limits enabled, a burst of posts to one channel gets 429")
    func tierLimits() async throws {
        var options = EmulatorOptions()
        options.tierLimits = true
        try await withWorkspace(options) { _, app, _ in
            let post: JSONValue = ["channel": "C0OPS", "text": "a"]
            #expect(try await app.error("chat.postMessage", post) == "ok")
            var answers = [try await app.call("chat.postMessage", post)]
            for _ in 0..<30 { answers.append(try await app.call("chat.postMessage", post)) }
            let refused = try #require(answers.first { $0.status == 429 })
            #expect(refused.retryAfter == "1")
            #expect(refused.body["error"] == "ratelimited")
            #expect(try await app.error("chat.postMessage", ["channel": "C0GENERAL", "text": "a"]) == "ok")
            var statuses: [String] = []
            for _ in 0..<30 { statuses.append(try await app.read("users.list", "limit=1")["error"]?.string ?? "ok") }
            #expect(statuses.contains("ratelimited"))
            #expect(statuses.prefix(20).allSatisfy { $0 == "ok" })
        }
    }

    @Test("timestamps are unique and increasing")
    func timestamps() async throws {
        try await withWorkspace { emulator, _, _ in
            for number in 0..<200 { try emulator.say(as: "ana", in: "#ops", "\(number)") }
            let all = emulator.messages("#ops").map(\.ts)
            #expect(Set(all).count == 200)
            #expect(all == all.sorted())
        }
    }
}
