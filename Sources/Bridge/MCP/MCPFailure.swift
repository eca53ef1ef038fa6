/// Why a request to an MCP server has no result.
enum MCPFailure: Error, Sendable, Hashable {
    /// The server answered with an error.
    case server(JSONRPCError)
    /// No answer within this time; nil when progress came but the total limit passed.
    case timedOut(after: Duration?)
    case cancelled
    /// Nothing was sent.
    case notConnected(String)
    /// The request was on its way when the connection broke or the exchange failed.
    case lost(String)
    /// The server wants a protocol version that this program does not speak.
    case unsupportedVersion(String)

    /// True when the request may have reached the server.
    var mayHaveHappened: Bool {
        switch self {
        case .notConnected, .unsupportedVersion: false
        // These codes mean that the server looked at the request and did not start (JSON-RPC 2.0, section 5.1).
        case .server(let error):
            ![
                JSONRPCError.parseError, JSONRPCError.invalidRequest, JSONRPCError.methodNotFound,
                JSONRPCError.invalidParameters,
            ].contains(error.code)
        case .timedOut, .cancelled, .lost: true
        }
    }

    /// One line: what went wrong. May hold the server's own words.
    var explanation: String {
        switch self {
        case .server(let error): "it answered with error \(error.code): \(error.message.prefix(500))"
        case .timedOut(let quiet?): "no answer within \(quiet.components.seconds) s"
        case .timedOut(nil): "no answer within the longest time allowed"
        case .cancelled: "the call was cancelled"
        case .notConnected(let problem), .lost(let problem): problem
        case .unsupportedVersion(let version):
            "it speaks protocol version \(version), which is not supported; update the server"
        }
    }
}
