/// The app's reaction to a slash command or a block action.
package struct UserActionResult: Sendable, Hashable {
    /// Whether the app acknowledged in time.
    package let wasAcknowledged: Bool
    /// The error that the user sees: `operation_timeout`, or `dispatch_failed` if no connection was live; nil if it was
    /// acknowledged.
    package let error: String?
    /// The `trigger_id` in the payload.
    package let triggerID: String
    /// The `response_url` in the payload.
    package let responseURL: String
}
