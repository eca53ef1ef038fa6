import Bridge

/// What the templates of slack.yaml make of an outcome.
extension AnswerMessages {
    /// The text that replaces Omni's own about an outcome: Markdown for an answer, else mrkdwn. nil where no template
    /// is written.
    static func text(_ outcome: QuestionOutcome, style: Style) -> String? {
        let templates = style.templates
        switch outcome {
        case .answered(let answer):
            guard let template = templates.success else { return nil }
            return text(of: answer, in: template, style)
        case .failed(let failure), .interrupted(let failure):
            let isAway = failure.error.code == .serverUnavailable
            guard let template = (isAway ? templates.unavailable : nil) ?? templates.failure else { return nil }
            return template.text(values(of: failure, style))
        case .refused(let refusal):
            guard let template = templates.denied, let call = refusal.usage.calls.last, call.outcome == .denied else {
                return nil
            }
            var values = names(of: refusal.usage)
            values[.emoji] = emoji(":no_entry:", style)
            values[.userRole] = Markdown.escape(style.role)
            values[.requiredRole] = UserMessages.someRole
            values[.errorMessage] = Markdown.escape(refusal.message)
            return template.text(values)
        case .cancelled: return nil
        }
    }

    /// The template with the answer in it, in Markdown. A table, code, a list or a heading at the beginning or the end of
    /// the answer is none on one line with other text, so that a blank line separates it from the template's text.
    private static func text(of answer: Answer, in template: MessageTemplate, _ style: Style) -> String {
        let isParagraph = paragraphs(atEndsOf: answer.text)
        let around = template.texts(around: .result, values(of: answer, style))
        var text = around.first ?? ""
        for next in around.dropFirst() {
            if !isParagraph.first, !text.allSatisfy(\.isWhitespace) { text = "\(text.trimmingSpace)\n\n" }
            text += answer.text
            let isApart = !isParagraph.last && !next.allSatisfy(\.isWhitespace)
            text += isApart ? "\n\n\(next.drop { $0.isWhitespace })" : next
        }
        return text.trimmingSpace
    }

    /// Whether the first and the last block are paragraphs; false for both when link definitions may be among them.
    private static func paragraphs(atEndsOf markdown: String) -> (first: Bool, last: Bool) {
        guard !MarkdownLinks.mayDefine(markdown), let document = MarkdownDocument(markdown) else {
            return (false, false)
        }
        return (document.events.first?.kind == .paragraph, document.events.last?.kind == .paragraph)
    }

    private static func values(of answer: Answer, _ style: Style) -> [MessageTemplate.Placeholder: String] {
        var values = names(of: answer.usage)
        values[.emoji] = emoji(answer.warning == nil ? ":white_check_mark:" : ":warning:", style)
        values[.duration] = UserMessages.seconds(answer.usage.milliseconds)
        return values
    }

    private static func values(of failure: Failure, _ style: Style) -> [MessageTemplate.Placeholder: String] {
        var values = names(of: failure.usage)
        values[.serverName] = failure.error.server.map { Markdown.escape($0) } ?? values[.serverName]
        values[.emoji] = emoji(":warning:", style)
        values[.duration] = UserMessages.seconds(failure.usage.milliseconds)
        values[.errorMessage] = Markdown.escape(failure.error.message)
        values[.hint] = Markdown.escape(failure.error.hint)
        values[.errorID] = style.showsErrorID ? failure.errorID : UserMessages.inTheLog
        values[.serverStatus] = UserMessages.unavailable
        values[.lastSeen] = style.lastSeen ?? UserMessages.unknown
        return values
    }

    /// Server and tool of the last call.
    private static func names(of usage: Usage) -> [MessageTemplate.Placeholder: String] {
        guard let call = usage.calls.last else {
            return [.serverName: UserMessages.noServer, .toolName: UserMessages.noTool]
        }
        return [.serverName: Markdown.escape(call.name.server), .toolName: Markdown.escape(call.name.tool)]
    }

    private static func emoji(_ code: String, _ style: Style) -> String { style.usesEmoji ? code : "" }
}
