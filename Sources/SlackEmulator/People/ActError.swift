/// Something that a person of the workspace cannot do.
package struct ActError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}

/// How the app took a command or a press of a button.
package struct ActOutcome: Sendable, Hashable {
    /// Whether the acknowledgement came in time.
    package let wasAcknowledged: Bool
    /// What the person saw instead: `operation_timeout`, or `dispatch_failed` when no connection was open.
    package let error: String?
    /// Of the `trigger_id` that the app got.
    package let triggerID: String
    /// The capability that the app got.
    package let responseURL: String
}
