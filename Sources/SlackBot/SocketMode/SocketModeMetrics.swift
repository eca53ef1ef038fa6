import Metrics

/// The metrics of Socket Mode, each named in one place. Label values are from closed sets.
enum SocketModeMetrics {
    private static let types: Set<String> = ["events_api", "slash_commands", "interactive"]

    static func received(_ envelope: Envelope) {
        let type = types.contains(envelope.type) ? envelope.type : "other"
        Counter(label: "omni_slack_envelopes_total", dimensions: [("type", type)]).increment()
    }

    /// An envelope for which there is no listener.
    static func unhandled(_ kind: ListenerKey.Kind?) {
        Counter(label: "omni_slack_unhandled_total", dimensions: [("kind", kind?.rawValue ?? "other")]).increment()
    }

    /// From the arrival of the envelope until the send of its acknowledgement has returned.
    static func acknowledged(after wait: Duration) {
        Timer(label: "omni_slack_ack_seconds").recordNanoseconds(Int64(wait / .nanoseconds(1)))
    }

    /// Questions that back-fill found in a history after a gap.
    static func backfilled(_ questions: Int) {
        Counter(label: "omni_slack_backfilled_questions_total").increment(by: questions)
    }
}
