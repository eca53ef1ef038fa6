import Bridge
import SlackEmulator
import Testing

@Suite("Streamed messages", .timeLimit(.minutes(5)))
struct StreamingTests {
    private func start(_ root: String, chunks: JSONValue = []) -> JSONValue {
        [
            "channel": "C0OPS", "thread_ts": .string(root), "recipient_user_id": "U0ANA",
            "recipient_team_id": "T0ACME", "chunks": chunks,
        ]
    }

    @Test("a stream grows by chunks, refuses edits while it is open, and ends with its blocks")
    func life() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let task: JSONValue = ["type": "task_update", "id": "t1", "title": "Reading", "status": "in_progress"]
            let started = try await app.call("chat.startStream", start(root, chunks: [task])).body
            let ts = started["ts"] ?? ""
            func at(_ more: JSONObject) -> JSONValue {
                .object((["channel": "C0OPS", "ts": ts] as JSONObject).merging(more) { $1 })
            }
            #expect(try await app.error("chat.update", at(["text": "x"])) == "streaming_state_conflict")
            let words: JSONValue = ["type": "markdown_text", "text": "**Because** of "]
            let done: JSONValue = ["type": "task_update", "id": "t1", "title": "Read", "status": "complete"]
            #expect(try await app.error("chat.appendStream", at(["chunks": [words, done]])) == "ok")
            let rain: JSONValue = ["type": "markdown_text", "text": "rain"]
            #expect(try await app.error("chat.appendStream", at(["chunks": [rain]])) == "ok")
            #expect(try await app.error("chat.appendStream", at(["chunks": [["type": "song"]]])) == "invalid_chunks")
            #expect(try await app.error("chat.stopStream", at(["blocks": [["type": "divider"]]])) == "ok")
            #expect(
                try await app.error("chat.appendStream", at(["markdown_text": "!"])) == "message_not_in_streaming_state"
            )
            let message = try #require(emulator.thread("#ops", root).last)
            #expect(message.blocks.map { $0["type"] ?? "" } == ["task_card", "markdown", "divider"])
            #expect(message.text == "**Because** of rain")
            #expect(emulator.threadText("#ops", root).contains("[x] Read"))
        }
    }

    @Test("a stream is not marked as edited, in its events neither; an edit after its end is")
    func editedMark() async throws {
        try await withWorkspace(.patient) { emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let ts = try await app.call("chat.startStream", start(root)).body["ts"] ?? ""
            let more: JSONValue = ["channel": "C0OPS", "ts": ts, "markdown_text": "rain"]
            #expect(try await app.error("chat.appendStream", more) == "ok")
            #expect(try await app.error("chat.stopStream", ["channel": "C0OPS", "ts": ts]) == "ok")
            #expect(emulator.thread("#ops", root).last?.isEdited == false)
            #expect(try await app.error("chat.update", ["channel": "C0OPS", "ts": ts, "text": "sun"]) == "ok")
            #expect(emulator.thread("#ops", root).last?.isEdited == true)
            var marks: [Bool] = []
            while marks.count < 3, let frame = await bot.next("message") {
                guard let event = frame["payload"]?["event"], event["subtype"] == "message_changed" else { continue }
                marks.append(event["message"]?["edited"] != nil)
            }
            #expect(marks == [false, false, true])
        }
    }

    @Test("a stream needs a thread and, in channels, a recipient that exists")
    func arguments() async throws {
        try await withWorkspace { emulator, app, _ in
            func start(_ channel: String, _ root: String?, _ user: String?, _ team: String?) async throws -> String {
                var arguments: JSONObject = ["channel": .string(channel)]
                for (name, value) in [("thread_ts", root), ("recipient_user_id", user), ("recipient_team_id", team)] {
                    arguments[name] = value.map { .string($0) }
                }
                return try await app.error("chat.startStream", .object(arguments))
            }
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            #expect(try await start("C0OPS", nil, "U0ANA", "T0ACME") == "invalid_thread_ts")
            #expect(try await start("C0OPS", root, nil, "T0ACME") == "missing_recipient_user_id")
            #expect(try await start("C0OPS", root, "U0ANA", nil) == "missing_recipient_team_id")
            #expect(try await start("C0OPS", root, "U0NOBODY", "T0ACME") == "user_not_found")
            #expect(try await start("C0OPS", root, "U0ANA", "T0NONE") == "team_not_found")
            #expect(try await start("C0OPS", root, "U0ANA", "T0ACME") == "ok")
            let direct = try emulator.say(as: "ana", in: "@omni", "why?")
            #expect(try await start("D0ANA", direct, nil, nil) == "ok")
        }
    }

    @Test("a stream starts only where the app may reply")
    func postingPermissions() async throws {
        var options = EmulatorOptions()
        options.channels += [
            WorkspaceChannel(id: "C0READ", name: "read", posting: .nothing),
            WorkspaceChannel(id: "C0THREADS", name: "threads", posting: .threadsOnly),
        ]
        try await withWorkspace(options) { emulator, app, _ in
            var codes: [String] = []
            for channel in ["C0READ", "C0THREADS"] {
                var arguments = start(try emulator.say(as: "ana", in: channel, "why?"))
                arguments["channel"] = .string(channel)
                codes.append(try await app.error("chat.startStream", arguments))
            }
            #expect(codes == ["restricted_action_read_only_channel", "ok"])
            #expect(emulator.messages("#read").count == 1)
        }
    }

    @Test("text and chunks do not mix, neither in one call nor in one stream")
    func modes() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let words: JSONValue = ["type": "markdown_text", "text": "words"]
            let chunks: JSONObject = ["chunks": [words]]
            let text: JSONObject = ["markdown_text": "words"]
            for (right, wrong) in [(text, chunks), (chunks, text)] {
                let started = try await app.call("chat.startStream", start(root)).body
                let at: JSONObject = ["channel": "C0OPS", "ts": started["ts"] ?? ""]
                func append(_ more: JSONObject) async throws -> String {
                    try await app.error("chat.appendStream", .object(at.merging(more) { $1 }))
                }
                #expect(try await append([:]) == "markdown_text_or_chunks_required")
                let both = try await append(right.merging(wrong) { $1 })
                #expect(both == "cannot_provide_both_markdown_text_and_chunks")
                #expect(try await append(right) == "ok")
                #expect(try await append(wrong) == "streaming_mode_mismatch")
                let stop: JSONValue = .object(at.merging(wrong) { $1 })
                #expect(try await app.error("chat.stopStream", stop) == "streaming_mode_mismatch")
                // slack_sdk stops with an empty list of chunks.
                #expect(try await app.error("chat.stopStream", .object(at.merging(["chunks": []]) { $1 })) == "ok")
            }
            #expect(emulator.thread("#ops", root).dropFirst().map(\.text) == ["words", "words"])
        }
    }

    @Test("a stop with a wrong argument changes nothing; the right one returns the message, with ids in its blocks")
    func stop() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let task: JSONValue = ["type": "task_update", "id": "t1", "title": "Read", "status": "complete"]
            let ts = try await app.call("chat.startStream", start(root, chunks: [task])).body["ts"] ?? ""
            let wrong: [(JSONObject, String)] = [
                (["metadata": ["event_type": "answer"]], "invalid_metadata_format"),
                (["session_status": "done"], "invalid_arguments"),
                (["blocks": [["type": "input"]]], "invalid_blocks"),
            ]
            let at: JSONObject = ["channel": "C0OPS", "ts": ts, "chunks": [["type": "markdown_text", "text": "Rain"]]]
            for (arguments, code) in wrong {
                #expect(try await app.error("chat.stopStream", .object(at.merging(arguments) { $1 })) == code)
            }
            #expect(emulator.thread("#ops", root).last?.isStreaming == true)
            let last: JSONObject = ["blocks": [["type": "divider"]], "session_status": "suspended"]
            let message = try await app.call("chat.stopStream", .object(at.merging(last) { $1 })).body["message"]
            #expect(message?["text"] == "Rain" && message?["ts"] == ts && message?["thread_ts"]?.string == root)
            #expect(message?["blocks"]?.array?.map { $0["type"] } == ["task_card", "markdown", "divider"])
            #expect(Set((message?["blocks"]?.array ?? []).compactMap { $0["block_id"]?.string }).count == 3)
        }
    }

    @Test("the fields of a task and the title of a plan have at most 256 characters")
    func fieldLengths() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let ts = try await app.call("chat.startStream", start(root)).body["ts"] ?? ""
            let task: JSONObject = ["type": "task_update", "id": "t1", "title": "Read", "status": "pending"]
            let plan: JSONObject = ["type": "plan_update", "title": "Plan"]
            for (chunk, field) in [(task, "title"), (task, "details"), (task, "output"), (plan, "title")] {
                for (length, code) in [(256, "ok"), (257, "invalid_chunks")] {
                    var chunk = chunk
                    chunk[field] = .string(String(repeating: "é", count: length))
                    let append: JSONValue = ["channel": "C0OPS", "ts": ts, "chunks": [.object(chunk)]]
                    #expect(try await app.error("chat.appendStream", append) == code, "\(field)")
                }
            }
        }
    }

    @Test("a stream that is too old is closed")
    func expiry() async throws {
        var options = EmulatorOptions()
        options.timeouts.stream = .zero
        try await withWorkspace(options) { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let ts = try await app.call("chat.startStream", start(root)).body["ts"] ?? ""
            let append: JSONValue = ["channel": "C0OPS", "ts": ts, "markdown_text": "late"]
            #expect(try await app.error("chat.appendStream", append) == "message_not_in_streaming_state")
            #expect(try await app.error("chat.update", ["channel": "C0OPS", "ts": ts, "text": "now"]) == "ok")
            // Also when nothing was appended since.
            let other = try await app.call("chat.startStream", start(root)).body["ts"] ?? ""
            #expect(try await app.error("chat.update", ["channel": "C0OPS", "ts": other, "text": "now"]) == "ok")
            #expect(try await app.error("chat.stopStream", ["channel": "C0OPS", "ts": other]) != "ok")
        }
    }

    @Test("a fault ends a stream before a call; what it showed stays, over the control API too")
    func endedByFault() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let task: JSONValue = ["type": "task_update", "id": "t1", "title": "Reading", "status": "in_progress"]
            let words: JSONValue = ["type": "markdown_text", "text": "Because"]
            let ts = try await app.call("chat.startStream", start(root, chunks: [task, words])).body["ts"] ?? ""
            func last() async throws -> JSONValue? {
                let response = try await app.http.send(
                    HTTPClient.Request("GET", emulator.httpURL + "/_control/messages?after=\(root)"))
                return try JSONValue(parsing: try await response.collect(upTo: 1 << 22))["messages"]?.array?.last
            }
            let open = try #require(try await last())
            #expect(open["is_streaming"] == true)
            #expect(open["task_cards"] == [["id": "t1", "status": "in_progress"]])
            let fault: JSONValue = ["method": "chat.appendStream", "kind": "end_stream"]
            #expect(try await app.post(emulator.httpURL + "/_control/faults", fault) == 200)
            let append: JSONValue = ["channel": "C0OPS", "ts": ts, "markdown_text": " of rain"]
            #expect(try await app.error("chat.appendStream", append) == "message_not_in_streaming_state")
            let ended = try #require(try await last())
            #expect([ended["is_streaming"], ended["is_streamed"], ended["is_edited"]] == [false, true, false])
            #expect(ended["markdown"] == "Because")
            #expect(try await app.error("chat.update", ["channel": "C0OPS", "ts": ts, "text": "Rain."]) == "ok")
            #expect(try await last()?["is_edited"] == true)
        }
    }

    @Test("a user stops a stream: the next append says so, the message stays and can be edited")
    func stopped() async throws {
        var options = EmulatorOptions.patient
        options.subscriptions.insert("agent_session_stopped")
        try await withWorkspace(options) { emulator, app, sockets in
            let bot = try await app.connect(sockets)
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let words: JSONValue = ["type": "markdown_text", "text": "Because"]
            let ts = try await app.call("chat.startStream", start(root, chunks: [words])).body["ts"] ?? ""
            try emulator.stopStream(as: "ana", in: "#ops", ts.string ?? "")
            let append: JSONValue = ["channel": "C0OPS", "ts": ts, "markdown_text": " of"]
            #expect(try await app.error("chat.appendStream", append) == "stopped_by_user")
            #expect(emulator.thread("#ops", root).last?.text == "Because")
            #expect(try await app.error("chat.update", ["channel": "C0OPS", "ts": ts, "text": "Because."]) == "ok")
            let event = try #require(await bot.next("agent_session_stopped"))
            #expect(event["payload"]?["event"]?["streaming_message_ts"] == [ts])
            #expect(event["payload"]?["event"]?["user"] == "U0ANA")
        }
    }

    @Test("a call has at most 12,000 characters of text, a message some more, and 50 cards")
    func limits() async throws {
        try await withWorkspace { emulator, app, _ in
            let root = try emulator.say(as: "ana", in: "#ops", "why?")
            let ts = try await app.call("chat.startStream", start(root)).body["ts"] ?? ""
            func append(_ chunks: [JSONValue]) async throws -> String {
                try await app.error("chat.appendStream", ["channel": "C0OPS", "ts": ts, "chunks": .array(chunks)])
            }
            let half: JSONValue = ["type": "markdown_text", "text": .string(String(repeating: "a", count: 6_001))]
            #expect(try await append([half, half]) == "msg_too_long")
            #expect(try await append([half]) == "ok")
            #expect(try await append([half]) == "ok")
            #expect(try await append([half]) == "msg_blocks_too_long")
            let cards = (0...50).map { number -> JSONValue in
                ["type": "task_update", "id": .string("\(number)"), "title": "a", "status": "complete"]
            }
            #expect(try await append(cards) == "msg_blocks_too_many")
            let source: JSONValue = ["type": "url", "url": "https://ci.example/811", "text": "run 811"]
            let card: JSONValue = [
                "type": "task_update", "id": "1", "title": "a", "status": "complete", "sources": [source],
            ]
            #expect(try await append([card]) == "ok")
            #expect(emulator.thread("#ops", root).last?.blocks.first?["sources"] == [source])
        }
    }
}
