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

    /// The message to the admin channel when a gap held more questions than are answered.
    static func leftUnanswered(_ count: Int, answered: Int, gap: Duration) -> String {
        """
        :warning: I had no connection to Slack for \(uptime(gap)). Of the questions of that time I took up the oldest \
        \(answered); \(count) newer ones are left unanswered. Whoever still waits for one should ask again.
        """
    }

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
