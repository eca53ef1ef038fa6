import Bridge

/// The acknowledgement of an envelope, empty or with a payload: a message for a slash command, `response_action` for
/// `view_submission`, `options` for `block_suggestion` (docs.slack.dev, Using Socket Mode).
struct Acknowledgement: Sendable, Hashable {
    static let empty = Acknowledgement(payload: nil)

    /// Largest payload in bytes. Slack closes a connection that sends a frame of more than 20,480 bytes.
    static let largestPayload = 8_192

    /// nil: Slack shows and changes nothing.
    let payload: JSONValue?

    /// The frame to send, and why it has no payload although there is one; nil when it has what there is. A payload is
    /// left out where Slack accepts none and when it is too large: an envelope that is not acknowledged for that would
    /// be delivered again without end.
    func frame(for envelope: Envelope) -> (text: String, omission: String?) {
        var frame: JSONObject = ["envelope_id": .string(envelope.id)]
        guard let payload else { return (JSONValue.object(frame).text(), nil) }
        let size = payload.bytes().count
        guard envelope.acceptsPayload else { return (JSONValue.object(frame).text(), "Slack accepts no payload") }
        guard size <= Self.largestPayload else {
            return (JSONValue.object(frame).text(), "\(size) bytes are more than \(Self.largestPayload)")
        }
        frame["payload"] = payload
        return (JSONValue.object(frame).text(), nil)
    }
}
