import Bridge

/// The outer frame of everything that arrives over Socket Mode (docs.slack.dev, Using Socket Mode).
enum SocketModeMessage: Sendable {
    /// The connection is ready; seconds until Slack means to recycle it, and how many connections the app has.
    case hello(lifetime: Int?, connections: Int?)
    case disconnect(reason: String)
    case envelope(Envelope)
    /// Nothing that this program knows; it is dropped.
    case unknown

    /// Reads one text message; nil when it is no JSON object (Slack has been seen to send plain words).
    init?(_ text: String) {
        guard let frame = try? JSONValue(parsing: text), frame.object != nil else { return nil }
        if let envelope = Envelope(frame) {
            self = .envelope(envelope)
            return
        }
        switch frame["type"]?.string {
        case "hello":
            self = .hello(
                lifetime: frame["debug_info"]?["approximate_connection_time"]?.int,
                connections: frame["num_connections"]?.int)
        case "disconnect": self = .disconnect(reason: frame["reason"]?.string ?? "unknown")
        default: self = .unknown
        }
    }
}
