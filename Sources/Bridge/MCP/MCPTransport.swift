/// What the session hands to its transport.
enum MCPOutgoing: Sendable, Hashable {
    case message(JSONRPCMessage)
    /// Nobody waits for the answer to this request any more.
    case abandon(RequestID)
}

/// What a transport reports.
enum MCPIncoming: Sendable, Hashable {
    case message(JSONRPCMessage)
    /// This request gets no answer, while the connection may go on.
    case failed(RequestID, MCPFailure)
    /// The server had forgotten the session; a new one is open, with this result of `initialize`.
    case renewed(JSONValue)
}

/// Carries the messages of one connection.
protocol MCPTransport: Sendable {
    /// Carries messages until `outgoing` ends, and closes in order then. Runs once.
    ///
    /// `receive` does not wait, so the reader is never blocked by what a message causes.
    /// - Throws: ``MCPConnectionLost`` when the connection could not be made or broke.
    func run(
        outgoing: AsyncStream<MCPOutgoing>, receive: @escaping @Sendable (MCPIncoming) -> Void
    ) async throws
}

/// The connection could not be made, or broke. The text is one line without secrets.
struct MCPConnectionLost: Error, Sendable, Hashable {
    let problem: String
    init(_ problem: String) { self.problem = problem }
}
