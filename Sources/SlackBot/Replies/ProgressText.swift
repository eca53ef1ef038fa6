import Bridge

/// What the message in the thread says while the answer is being made. Pure: events in, text out.
struct ProgressText: Sendable {
    private var status = Speech.thinking
    private var calls: [ToolActivity] = []

    mutating func hear(_ event: AnswerEvent) {
        switch event {
        case .status(let text): status = text
        case .text: status = Speech.writing
        case .textWithdrawn: status = Speech.thinking
        case .toolStarted(let call):
            status = "is using \(call.name)"
            calls.append(call)
        case .toolFinished(let call):
            if let index = calls.firstIndex(where: { $0.id == call.id }) {
                calls[index] = call
            } else {
                calls.append(call)
            }
            if !calls.contains(where: { $0.outcome == .running }) { status = "is reading the results" }
        }
    }

    /// One mrkdwn text of at most 2,900 characters: the newest tools when there are many.
    var message: SlackMessage {
        let shown = calls.suffix(12)
        var lines = [":hourglass_flowing_sand: _Omni \(Markdown.escape(status))…_"]
        if calls.count > shown.count { lines.append("… \(calls.count - shown.count) earlier calls") }
        lines += shown.map(Self.line)
        return AnswerMessages.section(lines.joined(separator: "\n"))
    }

    private static func line(_ call: ToolActivity) -> String {
        let name = "`\(Markdown.escape("\(call.name)"))`"
        return switch call.outcome {
        case .running: ":small_blue_diamond: \(name) …"
        case .succeeded: ":white_check_mark: \(name) \(Speech.seconds(call.milliseconds)) s"
        case .failed: ":x: \(name) failed after \(Speech.seconds(call.milliseconds)) s"
        case .denied: ":no_entry: \(name) was refused"
        case .unknown: ":grey_question: \(name): outcome unknown"
        }
    }
}
