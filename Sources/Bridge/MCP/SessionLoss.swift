/// Whether a server says that it does not know the session of a request.
///
/// Servers should answer 404 (MCP, "Session Management"). Many answer 400 with the JSON-RPC error -32000, some 401 or
/// 500, some 200 with an error, so that the words decide.
enum SessionLoss {
    /// - Parameters:
    ///   - hasSessionID: whether the request had an id of a session, without which 404 says that the URL is wrong.
    static func isReported(status: Int, body: [UInt8], hasSessionID: Bool) -> Bool {
        let error = MCPFrame(body).messages.lazy.compactMap { message -> JSONRPCError? in
            if case .error(_, let error) = message { error } else { nil }
        }.first
        // A server that knows the session and not the method.
        if let error, error.code == JSONRPCError.methodNotFound { return false }
        if status == 404, hasSessionID { return true }
        let text = error?.message ?? String(decoding: body.prefix(2000), as: UTF8.self)
        // A status from 400 to 499 refuses the request, so that it may be repeated. Other errors may be those of a tool
        // which has sessions of its own, so that the text must say nothing else.
        return (400..<500).contains(status) ? isMentioned(in: text) : isStated(text)
    }

    /// Whether a text of any kind speaks of a session that is unknown, or of a handshake that is missing.
    static func isMentioned(in text: String) -> Bool {
        let text = text.lowercased()
        if handshakes.contains(where: { text.contains($0) }) { return true }
        return text.contains("session") && losses.contains(where: { text.contains($0) })
    }

    /// Whether a short text begins with the statement that the session is unknown.
    static func isStated(_ text: String) -> Bool {
        guard text.utf8.count <= 200 else { return false }
        var text = text.lowercased()[...]
        while let prefix = prefixes.first(where: { text.hasPrefix($0) }) { text = text.dropFirst(prefix.count) }
        return statements.contains(where: { text.hasPrefix($0) })
    }

    private static let handshakes = [
        "not initialized", "not initialised", "uninitialized", "not yet initialized", "before initialization",
        "must be initialized", "must initialize", "initialize first", "initialization required",
    ]
    private static let losses = [
        "not found", "no valid", "invalid", "not valid", "expired", "unknown", "unrecognized", "terminated", "missing",
        "required", "not exist", "doesn't exist", "no longer", "no such", "no active", "not active", "closed", "gone",
        "could not find", "cannot find", "no session", "without session", "stale",
    ]
    private static let prefixes = [
        " ", "error:", "bad request:", "unauthorized:", "not found:", "invalid request:", "mcp error:", "http 404:",
    ]
    private static let statements = [
        "session not found", "session id not found", "session was not found", "session expired", "session has expired",
        "session terminated", "session has been terminated", "session does not exist", "session is not",
        "session no longer", "session closed", "session id is", "session id required", "session id missing",
        "no valid session", "no session", "no active session", "no such session", "invalid session",
        "invalid or missing session", "invalid or expired session", "invalid mcp-session-id", "invalid mcp session",
        "unknown session", "missing session", "mcp-session-id header", "missing mcp-session-id", "no mcp-session-id",
        "server not initialized", "server is not initialized", "server not yet initialized", "client not initialized",
        "not initialized", "session not initialized",
    ]
}

extension JSONRPCError {
    /// Whether the server has refused the request because it does not know the session.
    var reportsLostSession: Bool { (-32768 ... -32000).contains(code) && SessionLoss.isStated(message) }
}

extension HTTPRefusal {
    /// As ``SessionLoss/isReported(status:body:hasSessionID:)``.
    func reportsLostSession(withID hasSessionID: Bool) -> Bool {
        SessionLoss.isReported(status: status, body: body, hasSessionID: hasSessionID)
    }
}
