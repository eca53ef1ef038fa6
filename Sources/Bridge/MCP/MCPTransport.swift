/// A message with what an HTTP transport needs to send it; other transports send the message alone.
struct MCPEnvelope: Sendable, Hashable {
    let message: JSONRPCMessage
    /// The headers of the dialect, as session id and protocol version, by name.
    var headers: [String: String] = [:]
    /// How long the exchange of a request may take; nil when it lasts until its response or ``MCPOutgoing/abandon(_:)``.
    var limit: Duration?
    /// Whether later messages are sent only after this one was delivered.
    var isBarrier = false
}

/// What a connection passes to its transport.
enum MCPOutgoing: Sendable, Hashable {
    case message(MCPEnvelope)
    /// The response of this request is not needed; its exchange may be ended.
    case abandon(RequestID)
    /// The server's own messages are to be read with these headers from now on. For transports where they come on a
    /// stream of their own; it replaces an earlier one.
    case listen([String: String])
    /// The session with these headers ends with the connection. For transports that outlive a session.
    case endSession([String: String])
}

/// What a transport reports.
enum MCPIncoming: Sendable, Hashable {
    /// `sessionID` is that header of the HTTP response with the message.
    case message(JSONRPCMessage, sessionID: String? = nil)
    /// This request gets no response; the connection may still be usable.
    case failed(RequestID, MCPFailure)
    /// The server answered the exchange of this request with an HTTP status other than 2xx.
    case refused(RequestID, HTTPRefusal)
    /// The server refused the stream of its own messages in this way.
    case listeningRefused(HTTPRefusal)
    /// A response came that cannot be read.
    case unreadable(MCPFrame.Unreadable)
}

/// Carries the messages of one connection, whatever they mean.
protocol MCPTransport: Sendable {
    /// Opens the connection, carries messages until `outgoing` ends, and then closes the connection. Called once.
    ///
    /// `receive` does not block, so that reading continues while a message is handled.
    /// - Throws: ``MCPConnectionLost`` when the connection could not be made or broke.
    func run(
        outgoing: AsyncStream<MCPOutgoing>, receive: @escaping @Sendable (MCPIncoming) -> Void
    ) async throws
}

/// The connection could not be opened, or broke. `problem` is one line without secrets.
struct MCPConnectionLost: Error, Sendable, Hashable {
    let problem: String
    init(_ problem: String) { self.problem = problem }
}
