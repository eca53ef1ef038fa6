/// Why a WebSocket could not be opened, written to or listened for.
package struct WebSocketError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was.
    package enum Code: Sendable, Equatable {
        /// The host's name has no address, or the resolver did not answer.
        case cannotResolve
        /// No TCP connection: no process listens, or there is no route.
        case refused
        /// The TLS handshake failed; the message names the reason.
        case tls
        /// The server answered the upgrade with this HTTP status instead of 101.
        case upgradeRejected(status: Int)
        /// The request's whole time was used up.
        case timeout
        /// The calling task was cancelled.
        case cancelled
        /// The connection, or the loop that carries it, is closed.
        case closed
        /// A frame or message over a limit of the protocol.
        case tooLarge
        /// Anything else, such as a malformed URL.
        case other
    }

    package let code: Code
    /// What failed and on what, in one sentence. Names host and port at most: the path's query is a credential.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
