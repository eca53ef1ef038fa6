import Bridge

/// An envelope of Socket Mode: an event, slash command or interaction, to be acknowledged within three seconds.
struct Envelope: Sendable {
    let id: String
    /// `events_api`, `slash_commands`, `interactive`; others are acknowledged and ignored.
    let type: String
    let payload: JSONValue
    /// Whether the acknowledgement may have a payload, as Slack says it in each envelope.
    let acceptsPayload: Bool
    let retryAttempt: Int

    /// nil when the message has no `envelope_id`.
    init?(_ frame: JSONValue) {
        guard let id = frame["envelope_id"]?.string else { return nil }
        self.id = id
        type = frame["type"]?.string ?? ""
        payload = frame["payload"] ?? .null
        acceptsPayload = frame["accepts_response_payload"]?.bool ?? false
        retryAttempt = frame["retry_attempt"]?.int ?? 0
    }
}
