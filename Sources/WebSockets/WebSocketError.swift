/// Why a WebSocket could not be opened or written to, or why a port could not be listened on.
package struct WebSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: Sendable, Equatable {
        /// The host name has no address, or DNS did not answer.
        case cannotResolve
        /// No TCP connection: no process listens on the port, or there is no route.
        case refused
        /// The TLS handshake failed, or a certificate, key or CA file cannot be used; the message has the reason.
        case tls
        /// The server responded to the upgrade with this HTTP status instead of 101.
        case upgradeRejected(status: Int)
        /// ``WebSocketRequest/timeout`` has passed.
        case timeout
        /// The calling task was cancelled.
        case cancelled
        /// The connection has ended, or its event loop is shut down.
        case closed
        /// A frame or message exceeds a limit of the protocol.
        case tooLarge
        /// Anything else, such as a malformed URL.
        case other
    }

    /// The kind of failure.
    package let code: Code
    /// What failed and why, in one sentence. Holds host and port at most, because a URL's query may hold a credential.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The same as ``message``.
    package var description: String { message }
}
