import Bridge

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
