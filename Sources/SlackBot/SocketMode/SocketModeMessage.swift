import Bridge

/// A message that Slack sends over Socket Mode (docs.slack.dev, Using Socket Mode).
enum SocketModeMessage: Sendable {
    /// The connection is ready. `lifetime`: seconds until Slack recycles it, about; `connections`: open connections of
    /// the app.
    case hello(lifetime: Int?, connections: Int?)
    case disconnect(reason: String)
    case envelope(Envelope)
    /// A message of an unknown type; it is dropped.
    case unknown

    /// Decodes one text message; nil when it is not a JSON object (Slack has been seen to send plain text).
    init?(_ text: String) {
        guard let frame = try? JSONValue(lenient: text), frame.object != nil else { return nil }
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
