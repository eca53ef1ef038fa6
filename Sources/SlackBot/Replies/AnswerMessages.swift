import Bridge

/// Renders an outcome as messages: the first one replaces the progress message, the others follow it in the thread.
enum AnswerMessages {
    /// What is shown beside the answer itself (slack.yaml).
    struct Style: Sendable, Hashable {
        /// The diagnostics under an answer; nil: none.
        var footer: SlackSettings.Diagnostics? = SlackSettings.Diagnostics()
        var showsErrorID = true
        /// Whether the answer's images go to the asker's direct messages: an answer for one user cannot have any.
        var sendsFilesDirectly = false
    }

    /// The messages of an outcome, at least one.
    ///
    /// - Parameter texts: the answer's Markdown, cut into messages; nil: it is cut here.
    static func render(_ outcome: QuestionOutcome, in texts: [String]? = nil, style: Style) -> [SlackMessage] {
        switch outcome {
        case .answered(let answer): return render(answer, in: texts, style: style)
        case .refused(let refusal): return [section(UserMessages.refused(refusal))]
        case .failed(let failure), .interrupted(let failure):
            return [section(UserMessages.failed(failure, showID: style.showsErrorID))]
        case .cancelled: return [section(UserMessages.cancelled)]
        }
    }

    private static func render(_ answer: Answer, in texts: [String]?, style: Style) -> [SlackMessage] {
        let messages = (texts ?? Markdown.parts(words(of: answer))).map { part in
            SlackMessage(text: notification(part), blocks: [["type": "markdown", "text": .string(part)]])
        }
        var lines: [String] = []
        if let warning = answer.warning { lines.append(":warning: \(UserMessages.warning(warning))") }
        // Added by Omni, because a model may not mention it.
        lines += answer.usage.calls.filter { $0.outcome == .unknown }.map { UserMessages.unknownOutcome($0.name) }
        lines += images(answer.files, style: style)
        if let footer = style.footer.map({ UserMessages.footer(answer.usage, showing: $0) }), !footer.isEmpty {
            lines.append(footer)
        }
        return Array(messages.dropLast()) + adding(lines, to: messages.last ?? section(UserMessages.noWords))
    }

    /// What is said about images that do not follow the answer; empty when all do.
    private static func images(_ files: AnswerFiles, style: Style) -> [String] {
        var lines: [String] = []
        if style.sendsFilesDirectly, !files.files.isEmpty { lines.append(UserMessages.imagesDirect(files.files.count)) }
        if files.leftOut > 0 { lines.append(UserMessages.imagesLeftOut(files.leftOut)) }
        return lines
    }

    /// The message without blocks, for a Slack that refused them, in pieces that `chat.update` accepts (4,000
    /// characters of text).
    static func plain(_ message: SlackMessage) -> [SlackMessage] {
        let markdown = message.blocks.filter { $0["type"] == "markdown" }.compactMap { $0["text"]?.string }
        let sections = message.blocks.compactMap { $0["text"]?["text"]?.string }
        let lines = message.blocks.filter { $0["type"] == "context" }
            .flatMap { ($0["elements"]?.array ?? []).compactMap { $0["text"]?.string } }
        guard !markdown.isEmpty else {
            let pieces = sections.count > 1 ? sections : lines.count > 1 ? packed(lines) : [message.text]
            return pieces.map { SlackMessage(text: $0) }
        }
        return MarkdownParts.split(markdown.joined(separator: "\n\n"), limit: 2_500).map {
            SlackMessage(text: Markdown.asMrkdwn($0))
        }
    }

    /// A message of mrkdwn sections, cut at ``longestText``. For Omni's own texts.
    static func section(_ mrkdwn: String) -> SlackMessage {
        var pieces: [String] = []
        var left = longestText
        for piece in MarkdownParts.split(mrkdwn, limit: longestSection) {
            guard piece.utf16.count <= left else {
                pieces.append("…")
                break
            }
            pieces.append(piece)
            left -= piece.utf16.count
        }
        return SlackMessage(
            text: pieces.first ?? "",
            blocks: pieces.map {
                ["type": "section", "text": ["type": "mrkdwn", "text": .string($0), "verbatim": true]]
            })
    }

    /// Slack's limit of a section's text is 3,000 characters, of a context's 2,000 for each of ten elements, of a
    /// message 50 blocks and, not documented, some 13,200 characters in all blocks together.
    private static let longestSection = 2_900
    private static let longestLine = 1_900
    private static let mostElements = 10
    private static let mostBlocks = 50
    private static let longestText = 10_000

    /// The message with the lines below it, in context blocks of at most ten, and further messages for the lines that
    /// exceed a limit of Slack's.
    private static func adding(_ lines: [String], to message: SlackMessage) -> [SlackMessage] {
        var messages = [message]
        var pending: [String] = []
        var left = longestText - message.blocks.reduce(0) { $0 + ($1["text"]?.string?.utf16.count ?? 0) }
        func flush() {
            if !pending.isEmpty { messages[messages.count - 1].blocks.append(context(pending)) }
            pending = []
        }
        for line in lines.flatMap({ MarkdownParts.split($0, limit: longestLine) }) where !line.isEmpty {
            if pending.count == mostElements { flush() }
            if line.utf16.count > left || messages[messages.count - 1].blocks.count == mostBlocks {
                flush()
                messages.append(SlackMessage(text: line))
                left = longestText
            }
            pending.append(line)
            left -= line.utf16.count
        }
        flush()
        return messages
    }

    /// The lines, joined to texts of a section's length.
    private static func packed(_ lines: [String]) -> [String] {
        lines.reduce(into: []) { texts, line in
            if let last = texts.last, last.utf16.count + line.utf16.count < longestSection {
                texts[texts.count - 1] = "\(last)\n\(line)"
            } else {
                texts.append(line)
            }
        }
    }

    /// The answer in Markdown; nil when the outcome is none.
    static func text(of outcome: QuestionOutcome) -> String? {
        if case .answered(let answer) = outcome { words(of: answer) } else { nil }
    }

    /// Slack refuses a message without text.
    private static func words(of answer: Answer) -> String {
        answer.text.allSatisfy(\.isWhitespace) ? UserMessages.noWords : answer.text
    }

    /// A context block with one mrkdwn element a line.
    private static func context(_ lines: [String]) -> JSONValue {
        [
            "type": "context",
            "elements": .array(lines.map { ["type": "mrkdwn", "text": .string($0), "verbatim": true] }),
        ]
    }

    /// The text of a notification; `chat.update` accepts at most 4,000 characters of text, and escaping lengthens it.
    private static func notification(_ markdown: String) -> String {
        Markdown.asMrkdwn(String(markdown.prefix(600)))
    }
}
