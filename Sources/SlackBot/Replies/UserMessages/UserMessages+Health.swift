import Bridge

// The state of Socket Mode.
extension UserMessages {
    /// The lines of `/omni-status` about Socket Mode. They state the age of the last event without judging it: at night
    /// no events are normal.
    static func socketMode(_ slack: SocketModeHealth.State, uptime: Duration) -> [String] {
        var connections = "Slack: \(slack.live.count) of \(slack.wanted) connections"
        if slack.wantedTotal > slack.wanted { connections += ", \(slack.wantedTotal) wanted by all processes" }
        var lines = [connections]
        if slack.unknownConnections > 0, let reported = slack.reported {
            lines.append(
                """
                :warning: Slack counts \(reported) connections of this app where \(slack.wantedTotal) are wanted. \
                Whoever holds the others takes a share of the events: is another program running with this token?
                """)
        }
        let events = slack.events
        guard let age = events.age else { return lines + ["Events: none since the start \(self.uptime(uptime)) ago"] }
        let count = events.recent == 1 ? "1 event" : "\(events.recent) events"
        lines.append("\(count) in 5 min, last one \(self.age(age)) ago")
        return lines
    }

    /// The message to the admin channel when a back-fill could not take up all questions of a gap.
    ///
    /// - Parameters:
    ///   - left: questions that became too old to be answered; each has a line in its thread.
    ///   - unread: conversations and threads that were not read.
    static func leftUnanswered(_ left: Int, unread: Int, answered: Int, gap: Duration) -> String {
        var text = ":warning: I had no connection to Slack for \(uptime(gap)). "
        text += answered == 1 ? "I took up 1 question of that time." : "I took up \(answered) questions of that time."
        if left > 0 {
            text += left == 1 ? " 1 question had become" : " \(left) questions had become"
            text += " too old by the time it was their turn: their threads say so, and whoever still waits asks again."
        }
        if unread > 0 {
            text += unread == 1 ? " 1 conversation or thread" : " \(unread) conversations and threads"
            text += " could not be read, so questions in them may be unanswered without a word."
        }
        return text
    }

    /// In the thread of a question that a back-fill found too late.
    static let askedTooLongAgo = """
        :hourglass: I was not connected to Slack when you asked, and too many others had asked as well: I answer nothing \
        that is older than 15 minutes. Please ask again if you still want to know.
        """

    /// To the administrators, when changed files were not put in force.
    static func reloadRejected(_ outcome: ReloadOutcome) -> String {
        let errors = outcome.errors
        let lines = errors.prefix(8).map { "• \(Markdown.escape("\($0)"))" }
        let more = errors.count > lines.count ? ["… and \(errors.count - lines.count) more"] : []
        let head =
            ":warning: The configuration files have errors, so the rules of generation \(outcome.generation) stay:"
        return ([head] + lines + more).joined(separator: "\n")
    }

    /// To the administrators, after ``reloadRejected(_:)``.
    static let reloadAccepted = ":white_check_mark: The configuration files have no errors any more and are in force."

    /// `3 s`, `2 minutes`, `5 hours, 1 minute`.
    private static func age(_ time: Duration) -> String {
        time < .seconds(60) ? "\(time.components.seconds) s" : uptime(time)
    }
}
