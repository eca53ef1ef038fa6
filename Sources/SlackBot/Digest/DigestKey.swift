import Analytics
import Bridge
import Foundation

/// Identifies a digest's message by the instant at which it was due, in the message's metadata (docs.slack.dev, message
/// metadata), so that it can be found again.
struct DigestKey: Sendable, Hashable {
    let due: Date

    private static let eventType = "omni_digest"

    /// `digest:2026-11-23T08:00:00.000Z`.
    var text: String { "digest:\(Timestamp.text(due))" }

    /// The `metadata` argument of `chat.postMessage`.
    var metadata: JSONValue {
        ["event_type": .string(Self.eventType), "event_payload": ["key": .string(text)]]
    }

    /// The name of the chart's file: `omni-digest-20261123T080000Z.png`. Unique, so that the file can be found in the
    /// digest's thread.
    var fileName: String {
        let digits = Timestamp.text(due).prefix(19).filter { $0 != "-" && $0 != ":" }
        return "omni-digest-\(digits)Z.png"
    }

    /// Whether a message of Slack's history is this digest's.
    func isKey(of message: JSONValue) -> Bool {
        message["metadata"]?["event_type"]?.string == Self.eventType
            && message["metadata"]?["event_payload"]?["key"]?.string == text
    }

    /// Whether a message of Slack's history shares the chart of this digest.
    func isChart(in message: JSONValue) -> Bool {
        message["files"]?.array?.contains { $0["name"]?.string == fileName } ?? false
    }
}
