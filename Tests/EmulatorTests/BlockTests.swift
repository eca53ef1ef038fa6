import Bridge
import SlackEmulator
import Testing

private func text(_ count: Int) -> JSONValue { .string(String(repeating: "x", count: count)) }
private func plain(_ count: Int) -> JSONValue { ["type": "plain_text", "text": text(count)] }
private func section(_ count: Int) -> JSONValue {
    ["type": "section", "text": ["type": "mrkdwn", "text": text(count), "verbatim": true]]
}
private func button(_ members: JSONObject = [:]) -> JSONValue {
    let button: JSONObject = ["type": "button", "action_id": "a", "text": plain(5)]
    return ["type": "actions", "elements": [.object(button.merging(members) { $1 })]]
}
private func table(rows: Int, columns: Int, cell: Int = 1) -> JSONValue {
    let cells = [JSONValue](repeating: ["type": "raw_text", "text": text(cell)], count: columns)
    return ["type": "table", "rows": .array([JSONValue](repeating: .array(cells), count: rows))]
}

@Suite("Block Kit validation", .timeLimit(.minutes(5)))
struct BlockTests {
    private static let taken: [[JSONValue]] = [
        [section(3000)], [["type": "header", "text": plain(150)]], [button(["text": plain(75)])],
        [button(["value": text(2000)])], [button(["style": "danger"])],
        [["type": "markdown", "text": text(12_000)]], [table(rows: 100, columns: 20)],
        [table(rows: 10, columns: 10, cell: 100)],
        [["type": "context", "elements": .array([JSONValue](repeating: ["type": "mrkdwn", "text": "x"], count: 10))]],
        [JSONValue](repeating: ["type": "divider"], count: 50),
        [
            [
                "type": "context_actions",
                "elements": [
                    [
                        "type": "feedback_buttons", "action_id": "fb",
                        "positive_button": ["text": plain(4), "value": "good"],
                        "negative_button": ["text": plain(3), "value": "bad"],
                    ]
                ],
            ]
        ],
    ]

    @Test("valid blocks are accepted, up to the exact limits", arguments: taken)
    func isTaken(_ blocks: [JSONValue]) async throws {
        try await withWorkspace { _, app, _ in
            let answer = try await app.call(
                "chat.postMessage", ["channel": "C0OPS", "text": "t", "blocks": .array(blocks)]
            ).body
            #expect(answer["ok"] == true, "\(answer["response_metadata"]?.text() ?? "")")
        }
    }

    private static let refused: [([JSONValue], String, String)] = [
        ([section(3001)], "invalid_blocks", "/blocks/0/text/text"),
        ([section(0)], "invalid_blocks", "/blocks/0/text/text"),
        ([["type": "section"]], "invalid_blocks", "/blocks/0"),
        ([["type": "header", "text": plain(151)]], "invalid_blocks", "/blocks/0/text/text"),
        ([["type": "header", "text": ["type": "mrkdwn", "text": "x"]]], "invalid_blocks", "/blocks/0/text/type"),
        ([["type": "divider"], ["type": "marquee"]], "invalid_blocks", "/blocks/1/type"),
        ([["type": "divider", "colour": "red"]], "invalid_blocks", "/blocks/0"),
        ([button(["text": plain(76)])], "invalid_blocks", "/blocks/0/elements/0/text/text"),
        ([button(["value": text(2001)])], "invalid_blocks", "/blocks/0/elements/0/value"),
        ([button(["action_id": text(256)])], "invalid_blocks", "/blocks/0/elements/0/action_id"),
        ([button(["style": "loud"])], "invalid_blocks", "/blocks/0/elements/0/style"),
        ([JSONValue](repeating: ["type": "divider"], count: 51), "invalid_blocks", "/blocks"),
        ([table(rows: 101, columns: 1)], "invalid_blocks", "/blocks/0/rows"),
        ([table(rows: 1, columns: 21)], "invalid_blocks", "/blocks/0/rows/0"),
        ([table(rows: 100, columns: 10, cell: 11)], "invalid_blocks", "/blocks/0"),
        ([table(rows: 1, columns: 1), table(rows: 1, columns: 1)], "invalid_attachments", "/blocks"),
        (
            [["type": "markdown", "text": text(7000)], ["type": "markdown", "text": text(5001)]], "invalid_blocks",
            "/blocks"
        ),
        (
            [["type": "divider", "block_id": "b"], ["type": "divider", "block_id": "b"]], "invalid_blocks",
            "/blocks/1/block_id"
        ),
        (
            [
                [
                    "type": "context",
                    "elements": .array([JSONValue](repeating: ["type": "mrkdwn", "text": "x"], count: 11)),
                ]
            ],
            "invalid_blocks", "/blocks/0/elements"
        ),
        ([JSONValue](repeating: section(2700), count: 5), "msg_blocks_too_long", ""),
    ]

    @Test("invalid blocks are refused, with the JSON pointer", arguments: refused)
    func isRefused(_ blocks: [JSONValue], _ code: String, _ pointer: String) async throws {
        try await withWorkspace { emulator, app, _ in
            let answer = try await app.call(
                "chat.postMessage", ["channel": "C0OPS", "text": "t", "blocks": .array(blocks)]
            ).body
            #expect(answer["error"]?.string == code)
            if !pointer.isEmpty {
                let messages = answer["response_metadata"]?["messages"]?.array?.compactMap(\.string) ?? []
                #expect(messages.contains { $0.hasSuffix("[json-pointer:\(pointer)]") }, "\(messages)")
            }
            #expect(emulator.messages("#ops").isEmpty)
        }
    }

    @Test("blocks that are not a list are ignored")
    func noList() async throws {
        try await withWorkspace { _, app, _ in
            let post: JSONValue = ["channel": "C0OPS", "text": "t", "blocks": ["type": "divider"]]
            let code = try await app.error("chat.postMessage", post)
            #expect(code == "invalid_blocks_format")
        }
    }

    @Test("a modal needs a trigger_id that is recent and unused")
    func triggers() async throws {
        var options = EmulatorOptions()
        options.timeouts.acknowledgement = .milliseconds(100)
        options.timeouts.trigger = .seconds(60)
        try await withWorkspace(options) { emulator, app, sockets in
            let view: JSONValue = ["type": "modal", "title": plain(5), "blocks": [["type": "divider"]]]
            func open(_ trigger: String, _ view: JSONValue) async throws -> String {
                try await app.error("views.open", ["trigger_id": .string(trigger), "view": view])
            }
            let socket = try await app.connect(sockets)
            let trigger = try await emulator.command(as: "ana", in: "#ops", "/omni", "x").triggerID
            #expect(
                try await open(trigger, ["type": "modal", "title": plain(25), "blocks": []]) == "invalid_arguments")
            #expect(try await open("1.2.3", view) == "invalid_trigger_id")
            #expect(try await open(trigger, view) == "ok")
            #expect(try await open(trigger, view) == "exchanged_trigger_id")
            await socket.socket.close()
        }
    }
}
