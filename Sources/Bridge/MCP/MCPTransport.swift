/// What a connection passes to its transport.
enum MCPOutgoing: Sendable, Hashable {
    case message(JSONRPCMessage)
    /// The response of this request is not needed; its exchange may be ended.
    case abandon(RequestID)
}

/// What a transport reports.
enum MCPIncoming: Sendable, Hashable {
    case message(JSONRPCMessage)
    /// This request gets no response; the connection may still be usable.
    case failed(RequestID, MCPFailure)
    /// A response came that cannot be read.
    case unreadable(MCPFrame.Unreadable)
    /// An expired session was replaced by a new one, with this result of `initialize`.
    case renewed(JSONValue)
}

/// Carries the messages of one connection.
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
