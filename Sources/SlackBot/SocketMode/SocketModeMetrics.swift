import Metrics

/// The numbers of Slack's door, each named once. Labels are from closed sets.
enum SocketModeMetrics {
    private static let types: Set<String> = ["events_api", "slash_commands", "interactive"]

    static func received(_ envelope: Envelope) {
        let type = types.contains(envelope.type) ? envelope.type : "other"
        Counter(label: "omni_slack_envelopes_total", dimensions: [("type", type)]).increment()
    }

    /// From the envelope's arrival until its acknowledgement is in the kernel's hands.
    static func acknowledged(after wait: Duration) {
        Timer(label: "omni_slack_ack_seconds").recordNanoseconds(Int64(wait / .nanoseconds(1)))
    }

    /// Questions that were found in a history after a gap.
    static func backfilled(_ questions: Int) {
        Counter(label: "omni_slack_backfilled_questions_total").increment(by: questions)
    }
}
