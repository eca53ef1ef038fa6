import Bridge

/// The outer frame of everything that arrives over Socket Mode (docs.slack.dev, Using Socket Mode).
enum SocketFrame: Sendable {
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

/// Something that a person or Slack did, to be acknowledged within three seconds.
struct Envelope: Sendable {
    let id: String
    /// `events_api`, `slash_commands`, `interactive`; others are acknowledged and ignored.
    let type: String
    let payload: JSONValue
    let retryAttempt: Int
    let retryReason: String?

    init?(_ frame: JSONValue) {
        guard let id = frame["envelope_id"]?.string else { return nil }
        self.id = id
        type = frame["type"]?.string ?? ""
        payload = frame["payload"] ?? .null
        retryAttempt = frame["retry_attempt"]?.int ?? 0
        retryReason = frame["retry_reason"]?.string
    }

    /// The empty acknowledgement: content goes over the Web API, since frames to Slack end at 20,480 bytes.
    var acknowledgement: String { JSONValue.object(["envelope_id": .string(id)]).text() }
}
