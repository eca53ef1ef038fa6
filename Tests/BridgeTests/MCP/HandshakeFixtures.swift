@testable import Bridge

extension HandshakeDialect {
    /// A dialect that has not sent anything.
    static func unopened(renewsSessions: Bool = false) -> HandshakeDialect {
        HandshakeDialect(client: MCPImplementation(name: "omni", version: "1"), renewsSessions: renewsSessions)
    }

    /// A dialect over streamable HTTP with a session id, or over another transport without one.
    static func ready(session: String? = nil, at now: Instant) -> HandshakeDialect {
        var dialect = unopened(renewsSessions: session != nil)
        let id = dialect.nextID()
        _ = dialect.start(id, limit: .seconds(5), at: now)
        _ = dialect.receive(.message(.hello(id, version: "2025-11-25"), sessionID: session), at: now)
        return dialect
    }

    mutating func receive(_ message: JSONRPCMessage, at now: Instant) -> [MCPAction] {
        receive(.message(message), at: now)
    }
}

extension JSONRPCMessage {
    /// A server's response to `initialize`.
    static func hello(_ id: RequestID, version: String) -> JSONRPCMessage {
        .result(
            id: id,
            [
                "protocolVersion": .string(version), "capabilities": ["tools": ["listChanged": true]],
                "serverInfo": ["name": "s", "version": "1"],
            ])
    }
}

extension MCPAction {
    /// A message of a session in revision 2025-11-25, with that id or without one.
    static func sent(_ message: JSONRPCMessage, session: String?) -> MCPAction {
        .send(.message(MCPEnvelope(message: message, headers: headers(session))))
    }

    static func headers(_ session: String?) -> [String: String] {
        var headers = ["MCP-Protocol-Version": "2025-11-25"]
        headers["Mcp-Session-Id"] = session
        return headers
    }
}
