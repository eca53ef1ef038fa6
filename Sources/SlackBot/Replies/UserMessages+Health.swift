import Bridge

// How Slack is heard.
extension UserMessages {
    /// Tells how old the last event is without a judgement: at night no user writes.
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

    /// To the administrators, about the questions of a gap that are too many to answer all.
    static func leftUnanswered(_ count: Int, answered: Int, gap: Duration) -> String {
        """
        :warning: I did not hear Slack for \(uptime(gap)). Of the questions of that time I took up the oldest \
        \(answered); \(count) newer ones are left unanswered. Whoever still waits for one should ask again.
        """
    }

    /// `3 s`, `2 minutes`, `5 hours, 1 minute`.
    private static func age(_ time: Duration) -> String {
        time < .seconds(60) ? "\(time.components.seconds) s" : uptime(time)
    }
}
