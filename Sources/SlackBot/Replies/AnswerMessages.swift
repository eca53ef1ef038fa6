import Bridge

/// Renders an outcome as messages and files: the first message replaces the progress message, the others follow it in
/// the thread, and the files follow them.
enum AnswerMessages {
    /// How an answer is shown, and what beside it (slack.yaml).
    struct Style: Sendable, Hashable {
        /// The diagnostics under an answer; nil: none.
        var footer: SlackSettings.Diagnostics? = SlackSettings.Diagnostics()
        var showsErrorID = true
        /// Whether the answer's files go to the asker's direct messages: an answer for one user cannot have any.
        var sendsFilesDirectly = false
        var formatting = SlackSettings.Formatting()
        /// The question that buttons refer to; nil: without buttons.
        var question: ULID?
        var templates = MessageTemplates()
        var usesEmoji = true
        /// The asker's role, for users; empty when the asker was not identified.
        var role = ""
        /// When the server of a failure was last healthy; nil when that is not known.
        var lastSeen: String?
        /// Lines under the last message, in mrkdwn: about the asker, and a welcome.
        var notes: [String] = []
        /// Says that the question was stopped, in mrkdwn.
        var stopped = UserMessages.cancelled
    }

    /// What an outcome becomes.
    struct Rendered: Sendable, Hashable {
        /// At least one.
        var messages: [SlackMessage]
        var files: [FilePost] = []
    }

    /// - Parameters:
    ///   - texts: the answer's Markdown as it was streamed, cut into messages, also of one that was stopped or failed;
    ///     nil: it is laid out here.
    ///   - words: a text of Omni's own that stands in the place of the outcome.
    static func render(
        _ outcome: QuestionOutcome, in texts: [String]? = nil, style: Style, words: String? = nil
    ) -> Rendered {
        var rendered =
            words.map { Rendered(messages: [SectionView.message($0)]) } ?? body(of: outcome, in: texts, style: style)
        if let last = rendered.messages.popLast() { rendered.messages += ContextView.adding(style.notes, to: last) }
        // After the notes: of a message with a block Slack shows the blocks only.
        if words == nil, !style.formatting.usesBlocks, case .answered = outcome {
            rendered.messages = rendered.messages.flatMap { plain($0, usesEmoji: style.usesEmoji) }
        }
        return rendered
    }

    /// The answer in Markdown if its messages are this text and nothing else, so that what was streamed can stay.
    static func streamed(_ outcome: QuestionOutcome, style: Style) -> String? {
        guard case .answered(let answer) = outcome else { return nil }
        let words = words(of: answer, style)
        let layout = AnswerLayout.of(words, style.formatting, question: style.question)
        let isText = layout.messages.flatMap(\.blocks).allSatisfy { $0["type"] == "markdown" }
        guard isText, layout.files.isEmpty else { return nil }
        return MarkdownLinks.honest(words) == words ? words : nil
    }

    private static func body(of outcome: QuestionOutcome, in texts: [String]?, style: Style) -> Rendered {
        let written = text(outcome, style: style).flatMap { $0.isEmpty ? nil : $0 }
        return switch outcome {
        case .answered(let answer): render(answer, in: texts, style: style)
        case .refused(let refusal): ended(written ?? UserMessages.refused(refusal))
        case .failed(let failure), .interrupted(let failure):
            ended(written ?? UserMessages.failed(failure, showID: style.showsErrorID), below: texts)
        case .cancelled(let usage): ended(style.stopped, unknownOutcomes(usage), below: texts)
        }
    }

    /// A text of Omni's own with lines about it, below what is shown of the answer if there is any.
    private static func ended(_ text: String, _ lines: [String] = [], below texts: [String]? = nil) -> Rendered {
        var shown = (texts ?? []).map { AnswerLayout.message($0) }
        guard let last = shown.popLast() else {
            return Rendered(messages: ContextView.adding(lines, to: SectionView.message(text)))
        }
        return Rendered(messages: shown + ContextView.adding([text] + lines, to: last))
    }

    private static func render(_ answer: Answer, in texts: [String]?, style: Style) -> Rendered {
        let words = words(of: answer, style)
        let layout = texts == nil ? AnswerLayout.of(words, style.formatting, question: style.question) : nil
        let parts = layout?.messages ?? (texts ?? []).map { AnswerLayout.message($0) }
        let files = (layout?.files ?? []) + answer.files.files.map { FilePost($0) }
        var lines: [String] = []
        if let warning = answer.warning { lines.append(":warning: \(UserMessages.warning(warning))") }
        lines += unknownOutcomes(answer.usage)
        if answer.files.leftOut > 0 { lines.append(UserMessages.imagesLeftOut(answer.files.leftOut)) }
        lines += answer.attachmentNotes.map { UserMessages.attachment($0) }
        if let footer = style.footer.map({ UserMessages.footer(answer.usage, showing: $0) }), !footer.isEmpty {
            lines.append(footer)
        }
        var last = parts.last ?? SectionView.message(UserMessages.noWords)
        if style.sendsFilesDirectly, !files.isEmpty {
            last.blocks.append(ContextView.block([UserMessages.filesDirect(files)], id: PublicAnswer.filesID))
        }
        return Rendered(messages: Array(parts.dropLast()) + ContextView.adding(lines, to: last), files: files)
    }

    /// Lines of Omni's own, because a model may not mention it.
    private static func unknownOutcomes(_ usage: Usage) -> [String] {
        usage.calls.filter { $0.outcome == .unknown }.map { UserMessages.unknownOutcome($0.name) }
    }

    /// Slack refuses a message without text.
    private static func words(of answer: Answer, _ style: Style) -> String {
        guard !answer.text.allSatisfy(\.isWhitespace) else { return UserMessages.noWords }
        return text(.answered(answer), style: style) ?? answer.text
    }

    /// The messages with the content of a text file that cannot be shared; none for an image.
    static func instead(of file: FilePost) -> [SlackMessage] {
        guard let text = file.text else { return [] }
        let isMarkdown = file.mimeType == FilePost.markdown
        return Markdown.parts(isMarkdown ? text : MarkdownTable.fenced(text)).map { AnswerLayout.message($0) }
    }

    /// The message without blocks, for a Slack that refused them, in pieces that `chat.update` accepts (4,000
    /// characters of text).
    ///
    /// - Parameter usesEmoji: whether Omni's own texts keep their emoji; in a message without blocks they are not told
    ///   from a model's any more.
    static func plain(_ message: SlackMessage, usesEmoji: Bool) -> [SlackMessage] {
        let own = message.blocks.compactMap { $0["text"]?["text"]?.string } + ContextView.lines(of: message)
        let texts = usesEmoji ? own : own.map { OwnEmoji.removed(from: $0) }
        let pieces = mrkdwn(markdown(of: message), limit: 2_500) + texts
        return (pieces.isEmpty ? [message.text] : packed(pieces)).map { SlackMessage(text: $0) }
    }

    /// UTF-16 units of a message's text that `chat.update` certainly accepts.
    private static let longestPlain = 3_900

    /// The Markdown as mrkdwn texts. Escaping may double a text and more, so that one that becomes too long is split
    /// again.
    private static func mrkdwn(_ markdown: String, limit: Int) -> [String] {
        guard !markdown.isEmpty else { return [] }
        return MarkdownParts.split(markdown, limit: limit).flatMap { piece in
            let text = Markdown.asMrkdwn(piece)
            return text.utf16.count > longestPlain && limit > 50 ? mrkdwn(piece, limit: limit / 2) : [text]
        }
    }

    /// The Markdown of the message's blocks, with tables as code.
    static func markdown(of message: SlackMessage) -> String {
        message.blocks.compactMap { block -> String? in
            switch block["type"]?.string {
            case "markdown": block["text"]?.string
            case "table": MarkdownTable.draw(TableView.rows(of: block)).joined(separator: "\n")
            default: nil
            }
        }.joined(separator: "\n\n")
    }

    /// The texts, joined to texts of a section's length.
    private static func packed(_ lines: [String]) -> [String] {
        lines.reduce(into: []) { texts, line in
            if let last = texts.last, last.utf16.count + line.utf16.count < SectionView.longestSection {
                texts[texts.count - 1] = "\(last)\n\(line)"
            } else {
                texts.append(line)
            }
        }
    }
}
