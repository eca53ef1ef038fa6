import Bridge

/// chat.startStream, chat.appendStream and chat.stopStream.
enum StreamMethods {
    static func start(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        let channel = try PostMethods.place(try call.required("channel"), in: state)
        guard let thread = try call.string("thread_ts"), let root = state.message(channel: channel.id, ts: thread),
            !root.isReply, !root.isEphemeral
        else { throw APIError("invalid_thread_ts") }
        if channel.kind != .im {
            guard try call.string("recipient_user_id") != nil else { throw APIError("missing_recipient_user_id") }
            guard try call.string("recipient_team_id") != nil else { throw APIError("missing_recipient_team_id") }
        }
        let mode = try call.string("task_display_mode") ?? "timeline"
        guard ["timeline", "plan"].contains(mode) else { throw APIError("invalid_arguments") }
        var stream = OpenStream(showsPlan: mode == "plan", expires: .now + state.options.timeouts.stream)
        try stream.take(call)
        var message = EmulatedMessage(
            ts: state.nextTS(), channel: channel.id, user: state.options.bot.id, text: stream.text)
        message.botID = state.options.botID
        message.threadTS = thread
        message.blocks = stream.blocks
        message.isStreaming = true
        state.streams["\(channel.id):\(message.ts)"] = stream
        PostMethods.publish(message, &state)
        return ["ok": true, "channel": .string(channel.id), "ts": .string(message.ts)]
    }

    static func append(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        guard call.has("markdown_text") || call.has("chunks") else { throw APIError("no_text") }
        return try advance(&state, call, stops: false)
    }

    static func stop(_ state: inout WorkspaceState, _ call: APIArguments) throws(APIError) -> JSONObject {
        try advance(&state, call, stops: true)
    }

    private static func advance(
        _ state: inout WorkspaceState, _ call: APIArguments, stops: Bool
    ) throws(APIError) -> JSONObject {
        let channel = try call.required("channel")
        let ts = try call.required("ts")
        let key = "\(channel):\(ts)"
        guard let index = state.index(channel: channel, ts: ts) else { throw APIError("message_not_found") }
        guard state.messages[index].botID == state.options.botID else { throw APIError("message_not_owned_by_app") }
        guard var stream = state.streams[key] else { throw APIError("message_not_in_streaming_state") }
        guard stream.expires > .now else {
            state.streams[key] = nil
            state.messages[index].isStreaming = false
            throw APIError("message_not_in_streaming_state")
        }
        try stream.take(call)
        if stops, let blocks = try call.structure("blocks", else: "invalid_blocks_format") {
            try BlockKitValidator.message(blocks)
            stream.last = blocks.array ?? []
        }
        let before = state.messages[index]
        var message = before
        message.text = stream.text
        message.blocks = stream.blocks
        message.isStreaming = !stops
        if stops { message.metadata = try call.structure("metadata", else: "invalid_metadata_format") }
        state.streams[key] = stops ? nil : stream
        // Slack does not mark streamed messages as edited.
        UpdateMethods.apply(message, over: before, at: index, by: state.options.bot.id, marksEdit: false, &state)
        return ["ok": true, "channel": .string(channel), "ts": .string(ts)]
    }
}

/// The content of a streamed message so far.
struct OpenStream: Sendable {
    let showsPlan: Bool
    let expires: ContinuousClock.Instant
    private(set) var text = ""
    private var plan: String?
    private var tasks: [JSONValue] = []
    private var middle: [JSONValue] = []
    var last: [JSONValue] = []

    init(showsPlan: Bool, expires: ContinuousClock.Instant) {
        self.showsPlan = showsPlan
        self.expires = expires
    }

    /// Adds `markdown_text` or `chunks`, at most 12,000 characters for each text.
    ///
    /// - Throws: ``APIError``.
    mutating func take(_ call: APIArguments) throws(APIError) {
        let markdown = try call.string("markdown_text")
        guard let chunks = try call.structure("chunks", else: "invalid_chunks") else { return try add(markdown ?? "") }
        guard let list = chunks.array, markdown == nil else { throw APIError("invalid_chunks") }
        for chunk in list {
            switch chunk["type"]?.string {
            case "markdown_text":
                guard let text = chunk["text"]?.string else { throw APIError("invalid_chunks") }
                try add(text)
            case "task_update": try update(chunk)
            case "plan_update":
                guard let title = chunk["title"]?.string, title.count <= 256 else { throw APIError("invalid_chunks") }
                plan = title
            case "blocks":
                guard let blocks = chunk["blocks"] else { throw APIError("invalid_chunks") }
                try BlockKitValidator.message(blocks)
                middle += blocks.array ?? []
                guard middle.count <= 50 else { throw APIError("msg_blocks_too_many") }
            default: throw APIError("invalid_chunks")
            }
        }
    }

    private mutating func add(_ words: String) throws(APIError) {
        guard words.count <= BlockKitValidator.markdownLimit else { throw APIError("msg_too_long") }
        text += words
    }

    private mutating func update(_ chunk: JSONValue) throws(APIError) {
        let known = ["pending", "in_progress", "complete", "error"]
        guard let id = chunk["id"]?.string, let title = chunk["title"]?.string, let status = chunk["status"]?.string,
            known.contains(status), title.count <= 256,
            ["details", "output"].allSatisfy({ (chunk[$0]?.string?.count ?? 0) <= 256 })
        else { throw APIError("invalid_chunks") }
        var task: JSONValue = [
            "type": "task_card", "task_id": .string(id), "title": .string(title), "status": .string(status),
        ]
        let index = tasks.firstIndex { $0["task_id"]?.string == id }
        // The details of a later update are appended to the earlier ones (slack-skills-plugin, agent progress design).
        let details = (index.flatMap { tasks[$0]["details"]?.string } ?? "") + (chunk["details"]?.string ?? "")
        if !details.isEmpty { task["details"] = .string(details) }
        task["output"] = chunk["output"] ?? index.flatMap { tasks[$0]["output"] }
        if let index { tasks[index] = task } else { tasks.append(task) }
    }

    /// The blocks of the message: plan or tasks, text, blocks from chunks, blocks of `chat.stopStream`.
    var blocks: [JSONValue] {
        var blocks: [JSONValue] = []
        if showsPlan, !tasks.isEmpty {
            blocks.append(["type": "plan", "title": .string(plan ?? "Plan"), "tasks": .array(tasks)])
        } else {
            blocks += tasks
        }
        if !text.isEmpty { blocks.append(["type": "markdown", "text": .string(text)]) }
        return blocks + middle + last
    }
}
