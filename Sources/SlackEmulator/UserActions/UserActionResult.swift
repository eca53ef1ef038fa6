/// How the app took a command or a press of a button.
package struct UserActionResult: Sendable, Hashable {
    /// Whether the acknowledgement came in time.
    package let wasAcknowledged: Bool
    /// What the person saw instead: `operation_timeout`, or `dispatch_failed` when no connection was open.
    package let error: String?
    /// Of the `trigger_id` that the app got.
    package let triggerID: String
    /// The capability that the app got.
    package let responseURL: String
}
