/// How a WebSocket ended.
package struct WebSocketClose: Sendable, Equatable {
    /// The cause of the end.
    package enum How: Sendable, Equatable {
        /// The peer sent a close frame.
        case peer
        /// This side closed or aborted it, or refused what the peer sent (1007, 1009).
        case local
        /// The TCP connection ended without a close frame.
        case lost
        /// The peer answered no ping within ``PingPolicy/deadAfter``.
        case silent
    }

    /// The close code of RFC 6455 section 7.4; 1005 for a close frame without a code, 1006 if there was no close frame.
    ///
    /// libwebsockets 4.1 replaces codes that it does not know (1012 to 1014 among them) by 1002 before it reports them.
    package let code: Int
    /// The close frame's reason, as the sender wrote it.
    package let reason: String
    /// What ended the connection.
    package let how: How

    package init(code: Int, reason: String, how: How) {
        self.code = code
        self.reason = reason
        self.how = how
    }

    static let lost = WebSocketClose(code: 1006, reason: "", how: .lost)
    static let aborted = WebSocketClose(code: 1006, reason: "aborted", how: .local)
}
