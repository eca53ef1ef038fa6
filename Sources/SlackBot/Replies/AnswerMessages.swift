import Bridge

/// Renders an outcome as messages: the first one replaces the progress message, the others follow it in the thread.
enum AnswerMessages {
    /// What is shown beside the answer itself (slack.yaml).
    struct Style: Sendable, Hashable {
        /// The diagnostics under an answer; nil: none.
        var footer: SlackSettings.Diagnostics? = SlackSettings.Diagnostics()
        var showsErrorID = true
        /// Whether the answer's images follow it in the thread; a message to one user cannot have any.
        var attachesFiles = true
    }

    /// The messages of an outcome, at least one.
    static func render(_ outcome: QuestionOutcome, style: Style) -> [SlackMessage] {
        switch outcome {
        case .answered(let answer): return render(answer, style: style)
        case .refused(let refusal): return [section(UserMessages.refused(refusal))]
        case .failed(let failure), .interrupted(let failure):
            return [section(UserMessages.failed(failure, showID: style.showsErrorID))]
        case .cancelled: return [section(UserMessages.cancelled)]
        }
    }

    private static func render(_ answer: Answer, style: Style) -> [SlackMessage] {
        var messages = Markdown.parts(words(of: answer)).map { part in
            SlackMessage(text: notification(part), blocks: [["type": "markdown", "text": .string(part)]])
        }
        var lines: [String] = []
        if let warning = answer.warning { lines.append(":warning: \(UserMessages.warning(warning))") }
        // Added by Omni, because a model may not mention it.
        lines += answer.usage.calls.filter { $0.outcome == .unknown }.map { UserMessages.unknownOutcome($0.name) }
        if let line = images(answer.files, style: style) { lines.append(line) }
        if let footer = style.footer.map({ UserMessages.footer(answer.usage, showing: $0) }), !footer.isEmpty {
            lines.append(footer)
        }
        if !lines.isEmpty, let last = messages.indices.last {
            messages[last].blocks.append(context(lines))
        }
        return messages
    }

    /// What is said about images that are not attached; nil when all are.
    private static func images(_ files: AnswerFiles, style: Style) -> String? {
        let missing = files.leftOut + (style.attachesFiles ? 0 : files.files.count)
        guard missing > 0 else { return nil }
        return style.attachesFiles ? UserMessages.imagesLeftOut(missing) : UserMessages.imagesNotPrivate(missing)
    }

    /// The message without blocks, for a Slack that refused them, in pieces that `chat.update` accepts (4,000
    /// characters of text).
    static func plain(_ message: SlackMessage) -> [SlackMessage] {
        let markdown = message.blocks.filter { $0["type"] == "markdown" }.compactMap { $0["text"]?.string }
        guard !markdown.isEmpty else { return [SlackMessage(text: message.text)] }
        return MarkdownParts.split(markdown.joined(separator: "\n\n"), limit: 2_500).map {
            SlackMessage(text: Markdown.asMrkdwn($0))
        }
    }

    /// A message of one mrkdwn section, cut at 2,900 characters. For Omni's own short texts.
    static func section(_ mrkdwn: String) -> SlackMessage {
        let text = MarkdownParts.split(mrkdwn, limit: 2_900).first ?? ""
        return SlackMessage(
            text: text,
            blocks: [["type": "section", "text": ["type": "mrkdwn", "text": .string(text), "verbatim": true]]])
    }

    /// Slack refuses a message without text.
    private static func words(of answer: Answer) -> String {
        answer.text.allSatisfy(\.isWhitespace) ? UserMessages.noWords : answer.text
    }

    /// A context block with one mrkdwn element a line.
    private static func context(_ lines: [String]) -> JSONValue {
        [
            "type": "context",
            "elements": .array(
                lines.map { ["type": "mrkdwn", "text": .string(String($0.prefix(1_900))), "verbatim": true] }),
        ]
    }

    /// The text of a notification; `chat.update` accepts at most 4,000 characters of text, and escaping lengthens it.
    private static func notification(_ markdown: String) -> String {
        Markdown.asMrkdwn(String(markdown.prefix(600)))
    }
}
