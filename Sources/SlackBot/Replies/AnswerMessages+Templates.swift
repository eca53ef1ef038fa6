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
            return template.text(values(of: answer, style))
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

    private static func values(of answer: Answer, _ style: Style) -> [MessageTemplate.Placeholder: String] {
        var values = names(of: answer.usage)
        values[.emoji] = emoji(answer.warning == nil ? ":white_check_mark:" : ":warning:", style)
        values[.duration] = UserMessages.seconds(answer.usage.milliseconds)
        values[.result] = answer.text
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
