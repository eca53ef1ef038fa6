package import Bridge

/// One event in the traffic between the app and the workspace.
package struct TrafficLogEntry: Sendable, Hashable {
    /// What happened.
    package enum Kind: String, Sendable, Hashable {
        /// A Web API call with its result; a post to a response_url.
        case call, response
        /// A Socket Mode connection was opened, has ended, or was refused.
        case opened, closed, refused
        /// A message to the app; an acknowledgement from it; a message from it that breaks the protocol.
        case sent, received, malformed
        /// An envelope that was not acknowledged in time.
        case unacknowledged
    }

    /// Increases by one with each entry; begins at 1.
    package let number: Int
    /// When it happened, written as a ts.
    package let time: String
    /// What happened.
    package let kind: Kind
    /// A method, a message's type, or the cause of a close.
    package let name: String
    /// Details, which depend on the kind.
    package let detail: JSONValue

    /// The entry as `/_control/journal` returns it.
    package var json: JSONValue {
        [
            "number": .int(Int64(number)), "time": .string(time), "kind": .string(kind.rawValue),
            "name": .string(name), "detail": detail,
        ]
    }
}
