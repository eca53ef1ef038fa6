import Bridge

/// The content of a streamed message so far.
struct OpenStream: Sendable {
    private enum Mode: Sendable { case markdown, chunks }

    let showsPlan: Bool
    let expires: ContinuousClock.Instant
    private(set) var text = ""
    /// How the first content came. All that follows must come in the same way.
    private var mode: Mode?
    private var plan: String?
    private var tasks: [JSONValue] = []
    private var middle: [JSONValue] = []
    var last: [JSONValue] = []

    init(showsPlan: Bool, expires: ContinuousClock.Instant) {
        self.showsPlan = showsPlan
        self.expires = expires
    }

    /// Adds `markdown_text` or `chunks`, at most 12,000 characters of text a call.
    ///
    /// - Throws: ``APIError``.
    mutating func take(_ call: APIArguments) throws(APIError) {
        let markdown = try call.string("markdown_text")
        let chunks = try call.structure("chunks", else: "invalid_chunks")
        guard markdown == nil || chunks == nil else { throw APIError("cannot_provide_both_markdown_text_and_chunks") }
        if let markdown, !markdown.isEmpty {
            try keep(.markdown)
            try add(markdown)
        }
        guard let chunks else { return }
        guard let list = chunks.array else { throw APIError("invalid_chunks") }
        if !list.isEmpty { try keep(.chunks) }
        try add(list)
    }

    /// docs.slack.dev, chat.appendStream: what was started with `markdown_text` takes no chunks, and the reverse.
    private mutating func keep(_ mode: Mode) throws(APIError) {
        guard self.mode ?? mode == mode else { throw APIError("streaming_mode_mismatch") }
        self.mode = mode
    }

    private mutating func add(_ chunks: [JSONValue]) throws(APIError) {
        var words = ""
        for chunk in chunks {
            switch chunk["type"]?.string {
            case "markdown_text":
                guard let text = chunk["text"]?.string else { throw APIError("invalid_chunks") }
                words += text
            case "task_update": try update(chunk)
            case "plan_update":
                guard let title = chunk["title"]?.string, title.count <= 256 else { throw APIError("invalid_chunks") }
                plan = title
            case "blocks":
                guard let blocks = chunk["blocks"] else { throw APIError("invalid_chunks") }
                try BlockKitValidator.message(blocks)
                middle += blocks.array ?? []
            default: throw APIError("invalid_chunks")
            }
        }
        try add(words)
        // docs.slack.dev, chat.stopStream: 50 blocks by chunks and 50 more by `blocks`.
        guard middle.count + tasks.count <= 50 else { throw APIError("msg_blocks_too_many") }
    }

    private mutating func add(_ words: String) throws(APIError) {
        guard words.count <= BlockKitValidator.markdownLimit else { throw APIError("msg_too_long") }
        text += words
        guard text.count <= BlockKitValidator.totalLimit else { throw APIError("msg_blocks_too_long") }
    }

    private mutating func update(_ chunk: JSONValue) throws(APIError) {
        let known = ["pending", "in_progress", "complete", "error"]
        guard let id = chunk["id"]?.string, let title = chunk["title"]?.string, let status = chunk["status"]?.string,
            known.contains(status), title.count <= 256,
            ["details", "output"].allSatisfy({ (chunk[$0]?.string?.count ?? 0) <= 256 }),
            (chunk["sources"] ?? []).array?.allSatisfy({ $0["type"] == "url" && $0["url"]?.string != nil }) == true
        else { throw APIError("invalid_chunks") }
        var task: JSONValue = [
            "type": "task_card", "task_id": .string(id), "title": .string(title), "status": .string(status),
        ]
        let index = tasks.firstIndex { $0["task_id"]?.string == id }
        // The details of a later update are appended to the earlier ones (slack-skills-plugin, agent progress design).
        let details = (index.flatMap { tasks[$0]["details"]?.string } ?? "") + (chunk["details"]?.string ?? "")
        if !details.isEmpty { task["details"] = .string(details) }
        for member in ["output", "sources"] {
            if let value = chunk[member] ?? index.flatMap({ tasks[$0][member] }) { task[member] = value }
        }
        if let index { tasks[index] = task } else { tasks.append(task) }
    }

    /// The blocks of the message, with their ids: plan or tasks, text, blocks from chunks, blocks of `chat.stopStream`.
    var blocks: [JSONValue] {
        var blocks: [JSONValue] = []
        if showsPlan, !tasks.isEmpty {
            blocks.append(["type": "plan", "title": .string(plan ?? "Plan"), "tasks": .array(tasks)])
        } else {
            blocks += tasks
        }
        if !text.isEmpty { blocks.append(["type": "markdown", "text": .string(text)]) }
        return MessageContent.named(blocks + middle + last)
    }
}

extension WorkspaceState {
    /// Ends the stream of that message if it is too old; then it can be edited.
    mutating func endExpiredStream(at index: Int) {
        let key = "\(messages[index].channel):\(messages[index].ts)"
        guard let stream = streams[key], stream.expires <= .now else { return }
        endStream(at: index)
    }

    /// Ends the stream of that message, if it is one, as it is; then it can be edited.
    mutating func endStream(at index: Int) {
        streams["\(messages[index].channel):\(messages[index].ts)"] = nil
        messages[index].isStreaming = false
    }

    /// Whether Slack shows that message as being written.
    func isStreaming(_ message: EmulatedMessage) -> Bool {
        streams["\(message.channel):\(message.ts)"].map { $0.expires > .now } ?? false
    }
}
