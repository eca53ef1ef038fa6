import Bridge

/// The progress message while an answer is being made. Pure: events in, message out.
struct ProgressText: Sendable {
    private let name: String
    /// Shown until the first progress; nil: the status.
    private let acknowledgement: String?
    /// Shown from ``becomeLate()`` on, in mrkdwn.
    private let late: String
    private let privateServers: Set<String>
    private let question: ULID?
    private var hasBegun = false
    private var isLate = false
    /// What is being done, after the app's name; plain text.
    private(set) var status = UserMessages.thinking
    private var calls: [ToolActivity] = []
    /// The text of the answer so far.
    private var answer = ""
    /// What the model said about its newest calls.
    private var narration = ""

    /// - Parameters:
    ///   - name: how Omni speaks of itself.
    ///   - acknowledgement: shown until the first progress, in mrkdwn.
    ///   - late: shown when the answer takes longer, in mrkdwn.
    ///   - privateServers: an answer with data of one of them is for the asker only, so that its text is not shown.
    ///   - question: the question that the button Stop stops; nil: without the button.
    init(
        name: String = "Omni", acknowledgement: String? = nil, late: String = UserMessages.late,
        privateServers: Set<String> = [], question: ULID? = nil
    ) {
        self.question = question
        self.name = name
        self.acknowledgement = acknowledgement.flatMap { $0.trimmingSpace.isEmpty ? nil : $0 }
        self.late = late
        self.privateServers = privateServers
    }

    /// From now on the message says that the answer takes longer.
    mutating func becomeLate() { isLate = true }

    private var hidesAnswer: Bool {
        calls.contains { $0.outcome != .denied && privateServers.contains($0.name.server) }
    }

    /// Applies one event of the answer.
    mutating func handle(_ event: AnswerEvent) {
        if case .status(UserMessages.thinking) = event {} else { hasBegun = true }
        switch event {
        case .status(let text): status = text
        case .text(let text):
            status = UserMessages.writing
            answer += text
        case .toolReturned: break
        case .narration(let text):
            narration = text.split(whereSeparator: \.isNewline).joined(separator: " ")
            answer = ""
        case .textWithdrawn:
            status = UserMessages.thinking
            answer = ""
        case .toolStarted(let call):
            status = UserMessages.using(call.name)
            calls.append(call)
        case .toolFinished(let call):
            if let index = calls.firstIndex(where: { $0.id == call.id }) {
                calls[index] = call
            } else {
                calls.append(call)
            }
            if !calls.contains(where: { $0.outcome == .running }) { status = UserMessages.readingResults }
        }
    }

    /// The text of the answer so far that all may see; nil when there is none.
    var shownAnswer: String? { hidesAnswer || answer.allSatisfy(\.isWhitespace) ? nil : answer }

    /// The text of the answer so far (of a long one the last part) in a markdown block; below it one mrkdwn section
    /// with the status and the newest 12 tool calls, and Stop.
    var message: SlackMessage {
        let shown = calls.suffix(12)
        let now = hasBegun ? nil : acknowledgement
        var lines = [":hourglass_flowing_sand: \(now ?? "_\(Markdown.escape("\(name) \(status)"))…_")"]
        if isLate { lines.append(late) }
        if !hidesAnswer, !narration.isEmpty { lines.append("> \(Markdown.escape(String(narration.prefix(200))))") }
        if calls.count > shown.count { lines.append(UserMessages.earlierCalls(calls.count - shown.count)) }
        lines += shown.map(Self.line)
        var message = SectionView.message(lines.joined(separator: "\n"))
        if let part = shownAnswer.flatMap({ Markdown.parts($0).last }) {
            message.blocks.insert(["type": "markdown", "text": .string(part)], at: 0)
        }
        if let question { message.blocks.append(StopView.block(question)) }
        return message
    }

    private static func line(_ call: ToolActivity) -> String {
        let name = "`\(Markdown.escape("\(call.name)"))`"
        return "\(UserMessages.mark(call.outcome)) \(name) \(UserMessages.ending(of: call) ?? "…")"
    }
}
