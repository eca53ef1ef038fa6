/// Why a request to an MCP server has no result.
enum MCPFailure: Error, Sendable, Hashable {
    /// The server answered with a JSON-RPC error.
    case server(JSONRPCError)
    /// No answer within this time: the total limit of the request, or the quiet limit since its newest progress.
    case timedOut(after: Duration)
    /// The caller's task was cancelled.
    case cancelled
    /// The request was not sent, or the server refused it before it was handled (an HTTP status).
    case notConnected(String)
    /// The connection broke, or the HTTP exchange failed, after the request may have been sent.
    case lost(String)
    /// The server answered the handshake with a protocol version that this client does not support.
    case unsupportedVersion(String)

    /// True when the server may have carried out the request.
    var mayHaveHappened: Bool {
        switch self {
        case .notConnected, .unsupportedVersion: false
        case .server(let error): !error.rejectsRequest && !error.reportsLostSession
        case .timedOut, .cancelled, .lost: true
        }
    }

    /// In whole seconds from one second on, below that in tenths.
    private static func seconds(_ limit: Duration) -> String {
        let exact: Double = limit / .milliseconds(100)
        let tenths = Int(exact.rounded())
        return tenths < 10 ? "0.\(tenths)" : "\(tenths / 10)"
    }

    /// What went wrong, as a part of a sentence. May contain text of the server, which is not redacted.
    var explanation: String {
        switch self {
        case .server(let error): "it answered with error \(error.code): \(error.message.prefix(500))"
        case .timedOut(let limit): "no answer within \(Self.seconds(limit)) s"
        case .cancelled: "the call was cancelled"
        case .notConnected(let problem), .lost(let problem): problem
        case .unsupportedVersion(let version):
            "it speaks protocol version \(version), which is not supported; update the server"
        }
    }
}
