package import Bridge

/// One thing that crossed the border between the app and the workspace.
package struct TrafficLogEntry: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// A Web API call with its outcome, and a post to a response_url.
        case call, response
        /// A Socket Mode connection came, ended, or was refused.
        case opened, closed, refused
        /// A frame to the app, a frame from it, and one that is not in order.
        case sent, received, malformed
        /// An envelope that was not acknowledged in time.
        case unacknowledged
    }

    package let number: Int
    /// As a ts.
    package let time: String
    package let kind: Kind
    /// A method, a frame's type, or a close reason.
    package let name: String
    package let detail: JSONValue

    package var json: JSONValue {
        [
            "number": .int(Int64(number)), "time": .string(time), "kind": .string(kind.rawValue),
            "name": .string(name), "detail": detail,
        ]
    }
}
