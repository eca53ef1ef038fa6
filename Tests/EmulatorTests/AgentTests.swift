import Bridge
import SlackEmulator
import TestKit
import Testing

@Suite("Agent messaging", .timeLimit(.minutes(2)))
struct AgentTests {
    private func status(_ text: String, _ thread: String, channel: String = "D0ANA") -> JSONValue {
        ["channel_id": .string(channel), "thread_ts": .string(thread), "status": .string(text)]
    }

    private func prompts(_ count: Int, _ more: JSONObject = [:]) -> JSONValue {
        let prompts = (0..<count).map { index -> JSONValue in
            ["title": .string("Title \(index)"), "message": .string("Message \(index)")]
        }
        let arguments: JSONObject = ["channel_id": "D0ANA", "prompts": .array(prompts)]
        return .object(arguments.merging(more) { $1 })
    }

    private func title(_ app: AppClient, _ text: String, of thread: String, in channel: String = "D0ANA") async throws
        -> String
    {
        let query = "channel_id=\(channel)&thread_ts=\(thread)&title=\(text)"
        let body = try await app.read("assistant.threads.setTitle", query)
        return body["ok"] == true ? "ok" : body["error"]?.string ?? "?"
    }

    @Test("a status is removed by an empty one, by the app's next message and after two minutes")
    func status() async throws {
        var options = EmulatorOptions()
        options.timeouts.status = .milliseconds(300)
        try await withWorkspace(options) { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "@ana", "why?")
            func set(_ text: String) async throws -> String {
                try await app.error("assistant.threads.setStatus", status(text, root))
            }
            #expect(try await set("is reading…") == "ok")
            #expect(emulator.snapshot.session("@ana", root) == .processing)
            #expect(try await set("") == "ok")
            #expect(emulator.snapshot.status("@ana", root) == nil)
            #expect(emulator.snapshot.session("@ana", root) == .active)
            #expect(try await set("is reading…") == "ok")
            try await eventually("the status has expired") { emulator.snapshot.status("@ana", root) == nil }
            #expect(emulator.snapshot.session("@ana", root) == .processing)
        }
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "@ana", "why?")
            #expect(try await app.error("assistant.threads.setStatus", status("is reading…", root)) == "ok")
            #expect(emulator.snapshot.status("@ana", root) == "is reading…")
            let answer: JSONValue = ["channel": "D0ANA", "thread_ts": .string(root), "text": "because"]
            #expect(try await app.error("chat.postMessage", answer) == "ok")
            #expect(emulator.snapshot.status("@ana", root) == nil)
            #expect(emulator.snapshot.session("@ana", root) == .processing, "a message does not end the session's work")
        }
    }

    @Test("the end of a stream says what becomes of the session")
    func sessions() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "@ana", "why?")
            for (status, session) in [(nil, .active), ("suspended", .suspended)] as [(JSONValue?, AgentSession)] {
                let start: JSONValue = ["channel": "D0ANA", "thread_ts": .string(root), "markdown_text": "word"]
                let ts = try await app.call("chat.startStream", start).body["ts"] ?? ""
                #expect(emulator.snapshot.session("@ana", root) == .processing)
                var stop: JSONObject = ["channel": "D0ANA", "ts": ts, "session_status": "over"]
                #expect(try await app.error("chat.stopStream", .object(stop)) == "invalid_arguments")
                stop["session_status"] = status
                #expect(try await app.error("chat.stopStream", .object(stop)) == "ok")
                #expect(emulator.snapshot.session("@ana", root) == session)
            }
        }
    }

    @Test("titles and prompts outside Slack's limits, of channels and of unknown threads are refused")
    func limits() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "@ana", "why?")
            let channel = try emulator.say(as: "ana", in: "#ops", "why?")
            #expect(try await title(app, "Why", of: root) == "ok")
            #expect(emulator.snapshot.title("@ana", root) == "Why")
            let long = String(repeating: "x", count: 201)
            #expect(try await title(app, long, of: root) == "invalid_arguments")
            #expect(try await title(app, "Why", of: "1.000001") == "invalid_thread_ts")
            #expect(try await title(app, "Why", of: channel, in: "C0OPS") == "channel_type_not_supported")
            let method = "assistant.threads.setSuggestedPrompts"
            for (count, error) in [(0, "invalid_arguments"), (5, "invalid_arguments"), (4, "ok")] {
                #expect(try await app.error(method, prompts(count)) == error)
            }
            #expect(emulator.snapshot.prompts("ana").map(\.message) == (0..<4).map { "Message \($0)" })
            #expect(try await app.error(method, prompts(1, ["channel_id": "C0OPS"])) == "channel_type_not_supported")
            #expect(try await app.error(method, prompts(1, ["thread_ts": "1.000001"])) == "invalid_thread_ts")
            #expect(try await app.error(method, prompts(1, ["thread_ts": .string(root)])) == "ok")
            #expect(emulator.snapshot.prompts("ana").count == 4, "prompts of a thread are not shown")
            let status = try await app.error("assistant.threads.setStatus", status("is", "1.000001", channel: "C0NONE"))
            #expect(status == "channel_not_found")
        }
    }

    @Test("in the older view an opening begins a thread, for which alone prompts are taken")
    func olderView() async throws {
        var options = EmulatorOptions.patient
        options.hasAssistantView = true
        try await withWorkspace(options) { emulator, app, sockets in
            let socket = try await app.connect(sockets)
            try emulator.openHome(as: "ana", tab: "messages")
            let envelope = try #require(await socket.next("assistant_thread_started"))
            let thread = envelope["payload"]?["event"]?["assistant_thread"]?["thread_ts"] ?? ""
            #expect(emulator.messages("@ana").map { JSONValue.string($0.ts) } == [thread])
            let method = "assistant.threads.setSuggestedPrompts"
            #expect(try await app.error(method, prompts(1)) == "invalid_arguments")
            #expect(try await app.error(method, prompts(1, ["thread_ts": thread])) == "ok")
            #expect(emulator.snapshot.prompts("ana").count == 1)
        }
    }
}
