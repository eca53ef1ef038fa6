/// Slack's waiting times; tests shorten them, each by itself or all by one factor.
package struct SlackTimeouts: Sendable, Hashable {
    /// From the delivery of an envelope to its acknowledgement (docs.slack.dev: 3 seconds for every type).
    package var acknowledgement = Duration.seconds(3)
    /// The waits before the redeliveries of an event (docs.slack.dev, Events API: nearly at once, 1 min, 5 min).
    package var redeliveries: [Duration] = [.seconds(1), .seconds(60), .seconds(300)]
    /// From the warning or refresh of a socket to its end.
    package var closeAfterNotice = Duration.seconds(10)
    package var pingEvery = Duration.seconds(10)
    /// How long a Socket Mode URL can be used. Slack does not say; SDKs dial at once.
    package var ticket = Duration.seconds(30)
    package var responseURL = Duration.seconds(30 * 60)
    package var trigger = Duration.seconds(3)
    /// The whole life of a streamed message; appends do not lengthen it. Measured by others, not documented.
    package var stream = Duration.seconds(300)
    /// Told in `hello`; no socket is recycled by itself.
    package var approximateConnectionTime = Duration.seconds(3600)

    package init() {}

    /// Every waiting time multiplied by `factor`.
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
        scaled.approximateConnectionTime = approximateConnectionTime * factor
        return scaled
    }
}
