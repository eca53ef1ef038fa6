/// Slack's timeouts and intervals; tests shorten single ones, or all by one factor.
package struct SlackTimeouts: Sendable, Hashable {
    /// From the delivery of an envelope to its acknowledgement (docs.slack.dev: 3 seconds for all types).
    package var acknowledgement = Duration.seconds(3)
    /// The time before each redelivery of an event (docs.slack.dev, Events API: nearly immediately, 1 min, 5 min).
    package var redeliveries: [Duration] = [.seconds(1), .seconds(60), .seconds(300)]
    /// From the `disconnect` message (`warning`, `refresh_requested`) to the close of the connection.
    package var closeAfterNotice = Duration.seconds(10)
    /// The time between two pings of the server.
    package var pingEvery = Duration.seconds(10)
    /// How long a Socket Mode URL is valid. Slack does not document it; the SDKs connect at once.
    package var ticket = Duration.seconds(30)
    /// How long a `response_url` is valid (docs.slack.dev, Handling user interaction: 30 minutes).
    package var responseURL = Duration.seconds(30 * 60)
    /// How long a `trigger_id` is valid (docs.slack.dev: 3 seconds).
    package var trigger = Duration.seconds(3)
    /// From the start of a streamed message to its end; appends do not extend it. Measured, not documented by Slack.
    package var stream = Duration.seconds(300)
    /// How long a status is shown (docs.slack.dev, assistant.threads.setStatus: two minutes).
    package var status = Duration.seconds(120)
    /// The value in `hello`. The emulator itself never closes a connection because of its age.
    package var approximateConnectionTime = Duration.seconds(3600)

    /// Slack's values.
    package init() {}

    /// All durations multiplied by `factor`.
    package func scaled(by factor: Double) -> SlackTimeouts {
        var scaled = self
        scaled.acknowledgement = acknowledgement * factor
        scaled.redeliveries = redeliveries.map { $0 * factor }
        scaled.closeAfterNotice = closeAfterNotice * factor
        scaled.pingEvery = pingEvery * factor
        scaled.ticket = ticket * factor
        scaled.responseURL = responseURL * factor
        scaled.trigger = trigger * factor
        scaled.stream = stream * factor
        scaled.status = status * factor
        scaled.approximateConnectionTime = approximateConnectionTime * factor
        return scaled
    }
}
